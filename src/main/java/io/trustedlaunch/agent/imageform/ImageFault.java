package io.trustedlaunch.agent.imageform;

/** Why an image is refused. */
public enum ImageFault {
    Empty("is empty", Next.REMAKE),
    NoBootSector(
            "is not a qcow2, VHD or VHDX, and as a raw disk it has no boot sector, with which GPT and MBR begin",
            Next.CONVERT),
    NotADisc(
            "is neither an ISO 9660 nor a UDF disc, since it has no descriptor of one at sector 16",
            "use a disc's image (.iso), or remove form Disc from its GuestImage if it is a disk"),
    OddSize("has a size that is not a multiple of 512 bytes", Next.REMAKE),
    NoDisk("contains a disk of size 0", Next.REMAKE),
    TooLarge("contains a disk of more than 64 TiB, or of more than its format allows", Next.REMAKE),

    // Formats that are not accepted.
    Vmdk("is a VMDK", Next.CONVERT),
    Vdi("is a VDI", Next.CONVERT),
    Qed("is a QED", Next.CONVERT),
    Parallels("is a Parallels disk", Next.CONVERT),
    Bochs("is a Bochs disk", Next.CONVERT),
    Cloop("is a cloop", Next.CONVERT),
    Dmg("is a DMG", Next.CONVERT),
    Luks("is encrypted with LUKS", Next.CONVERT),
    Compressed("is a compressed file", "decompress it and use the result"),
    Archive("is an archive", "unpack it and use the disk in it"),

    // Not self-contained, or more than one disk.
    BackingFile("has a backing file", Next.FLATTEN),
    ExternalDataFile("has an external data file", Next.FLATTEN),
    Differencing("is a differencing disk, which needs its parent", Next.FLATTEN),
    Encrypted("is encrypted", Next.CONVERT),
    Snapshots("contains snapshots", Next.CONVERT),
    Bitmaps("contains dirty bitmaps", Next.CONVERT),
    NotClosed("was not closed cleanly, so its last writes may be missing", Next.CLOSE),
    MarkedCorrupt("is marked as corrupt", Next.REMAKE),

    // Valid, but not supported by this agent.
    UnknownVersion("uses a version of its format that is not accepted", Next.CONVERT),
    UnknownFeature("uses a feature of its format that is not accepted", Next.CONVERT),
    LargeSectors("has sectors of 4096 bytes, and a VM's disk has sectors of 512 bytes", Next.REMAKE),
    UnusualBlockSize("has a block size that is not accepted", Next.CONVERT),
    TooManyBlocks("has too many blocks to be checked", "convert it with a larger block size and use the result"),

    // Damaged, or made to harm its reader.
    BadHeader("has an inconsistent header", Next.REMAKE),
    BadChecksum("has a wrong checksum", Next.REMAKE),
    CopiesDiffer("has two copies of a header that differ", Next.REMAKE),
    NoFooter("does not end with a VHD footer, so it was cut short or extended", Next.REMAKE),
    SizesDiffer("has a different length than its footer says", Next.REMAKE),
    TableTooLarge("has a table that is larger than its format allows", Next.REMAKE),
    TableTooSmall("has a table that is too small for its disk", Next.REMAKE),
    TableOutside("has a table outside of the file, which was probably cut short", Next.REMAKE),
    DataOutside("has data outside of the file, which was probably cut short", Next.REMAKE),
    Misaligned("has a table or data at a misaligned offset", Next.REMAKE),
    Overlap("has tables or data that overlap", Next.REMAKE),
    BadEntry("has a table with an invalid entry", Next.REMAKE),
    NoBlockTable("has no block allocation table", Next.REMAKE),
    BadMetadata("has missing or duplicate metadata about its disk", Next.REMAKE);

    private final String fact;
    private final String next;

    ImageFault(String fact, String next) {
        this.fact = fact;
        this.next = next;
    }

    /** Continues a sentence about the image. */
    public String fact() {
        return fact;
    }

    /** The fact and the next step. */
    public String message() {
        return "it " + fact + ": " + next;
    }

    private static final class Next {
        static final String CONVERT = "convert it with qemu-img and use the result";
        static final String FLATTEN = "convert it and the files that it needs to one file and use that";
        static final String CLOSE = "open and close it once where it was made and use the result";
        static final String REMAKE = "export or download it again from its source";
    }
}
