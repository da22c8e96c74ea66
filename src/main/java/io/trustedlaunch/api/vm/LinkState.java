package io.trustedlaunch.api.vm;

/** Whether a network card's cable is plugged in, as its guest sees it. The term is libvirt's. */
public enum LinkState {
    /** The card sends and receives. */
    Up,
    /** The card is there, and the guest sees no carrier. */
    Down
}
