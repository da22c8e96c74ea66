package io.trustedlaunch.api.image;

/** How the identity of an image is proved. */
public enum Provenance {
    /** A signed catalog in force lists the image's digest under its identifier and version. */
    Signed,
    /** It is not proved: the administrator wrote the identifier. */
    None
}
