package io.trustedlaunch.api;

/** The makers of processors whose virtualization guests can use. A guest keeps to the one that it was started on. */
public enum ProcessorVendor {
    /** Its virtualization is VT-x (vmx). */
    Intel,
    /** Its virtualization is AMD-V (svm). */
    AMD
}
