package io.trustedlaunch.api;

/** How an image's identity is proved. */
public enum Provenance {
    /** A signed catalog in force holds the image's digest under its identifier. */
    Signed,
    /** Not at all: the identifier is what the administrator wrote. */
    None
}
