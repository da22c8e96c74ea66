package io.trustedlaunch.agent.imageform;

/** Why an image is refused, each fault in its own words. */
public enum ImageFault {
    Empty("is empty", Next.REMAKE),
    NoBootSector(
            "is none of qcow2, VHD and VHDX, and as a raw disk it lacks a boot sector, which GPT and MBR begin with",
            Next.CONVERT),
    OddSize("has a size that is no multiple of 512 bytes", Next.REMAKE),
    NoDisk("holds a disk of size 0", Next.REMAKE),
    TooLarge("holds a disk of more than 64 TiB, or than its format allows", Next.REMAKE),

    // What a raw disk is not.
    Vmdk("is a VMDK", Next.CONVERT),
    Vdi("is a VDI", Next.CONVERT),
    Qed("is a QED", Next.CONVERT),
    Parallels("is a Parallels disk", Next.CONVERT),
    Bochs("is a Bochs disk", Next.CONVERT),
    Cloop("is a cloop", Next.CONVERT),
    Dmg("is a DMG", Next.CONVERT),
    Luks("is encrypted with LUKS", Next.CONVERT),
    Compressed("is compressed as a whole", "decompress it, and use that"),
    Archive("is an archive", "unpack it, and use the disk inside"),

    // What leans on something else, or is more than one disk.
    BackingFile("has a backing file", Next.FLATTEN),
    ExternalDataFile("has an external data file", Next.FLATTEN),
    Differencing("is a differencing disk, which needs its parent", Next.FLATTEN),
    Encrypted("is encrypted", Next.CONVERT),
    Snapshots("holds snapshots", Next.CONVERT),
    Bitmaps("holds bitmaps of what changed since a backup", Next.CONVERT),
    NotClosed("was not closed cleanly, and what was to be written last is not in its place", Next.CLOSE),
    MarkedCorrupt("is marked as corrupt", Next.REMAKE),

    // What this agent does not read.
    UnknownVersion("is of a version of its format that is not accepted", Next.CONVERT),
    UnknownFeature("needs a feature of its format that is not accepted", Next.CONVERT),
    LargeSectors("is a disk with sectors of 4096 bytes, and a VM's disk has 512", Next.REMAKE),
    UnusualBlockSize("is made of blocks of a size that is not accepted", Next.CONVERT),
    TooManyBlocks("is made of more blocks than are looked through", "convert it to larger blocks, and use that"),

    // What is broken, or made to break whoever reads it.
    BadHeader("has a header that contradicts itself", Next.REMAKE),
    BadChecksum("has a checksum that is wrong", Next.REMAKE),
    CopiesDiffer("has a header twice, and the two differ", Next.REMAKE),
    NoFooter("lacks the footer that ends a VHD, since it was cut short or something follows it", Next.REMAKE),
    SizesDiffer("has another length than its footer says", Next.REMAKE),
    TableTooLarge("has a table that is larger than its format allows", Next.REMAKE),
    TableTooSmall("has a table that is too small for its disk", Next.REMAKE),
    TableOutside("was cut short, since a table of it lies outside of the file", Next.REMAKE),
    DataOutside("was cut short, since data of its disk lies outside of the file", Next.REMAKE),
    Misaligned("has a table or data at a place where none can be", Next.REMAKE),
    Overlap("has two tables or data at one place", Next.REMAKE),
    BadEntry("has a table with an entry that means nothing", Next.REMAKE),
    NoBlockTable("lacks its table of blocks", Next.REMAKE),
    BadMetadata("lacks a field that describes its disk, or has it twice", Next.REMAKE);

    private final String fact;
    private final String next;

    ImageFault(String fact, String next) {
        this.fact = fact;
        this.next = next;
    }

    /** The fact and the next step. */
    public String words() {
        return "it " + fact + ": " + next;
    }

    private static final class Next {
        static final String CONVERT = "convert it with qemu-img, and use that";
        static final String FLATTEN = "convert it, with what it leans on, to one file, and use that";
        static final String CLOSE = "open and close it once where it was made, and use that";
        static final String REMAKE = "make it anew where it comes from";
    }
}
