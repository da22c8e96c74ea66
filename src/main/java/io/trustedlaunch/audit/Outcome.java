package io.trustedlaunch.audit;

/** Acts that were refused are not recorded. */
public enum Outcome {
    Success,
    /** It was broken off. */
    Incomplete,
    /** The API server did not answer the write, which it may have carried out; or a machine was not observed to be off. */
    Unknown
}
