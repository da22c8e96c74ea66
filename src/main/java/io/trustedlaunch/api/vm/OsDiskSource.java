package io.trustedlaunch.api.vm;

/** What an OS disk has on it before the guest's first start. */
public enum OsDiskSource {
    /** What the image has, which is of form Disk. */
    Image,
    /** Nothing: the guest installs itself from the image, which is of form Disc and in a drive. */
    Empty
}
