package io.trustedlaunch.api.image;

/** What an image is of. */
public enum GuestImageForm {
    /** A disk, which a VM's OS disk is made from. */
    Disk,
    /** A disc (CD or DVD), which VMs have in a drive, and which a guest may install itself from. */
    Disc
}
