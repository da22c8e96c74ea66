package io.trustedlaunch.agent.imageform;

import static io.trustedlaunch.agent.imageform.HostileImage.raw;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;

final class HostileRawDisks {
    private HostileRawDisks() {}

    static Stream<HostileImage> all() {
        return Stream.concat(otherFormats().stream(), notDisks().stream());
    }

    private static List<HostileImage> otherFormats() {
        return List.of(
                raw(ImageFault.Vmdk, "# Disk DescriptorFile\nversion=1\nRW 2048 FLAT \"/etc/shadow\" 0\n", 0),
                raw(ImageFault.Vmdk, "\n \n# a comment\nversion=3\n", 0),
                raw(ImageFault.Vmdk, "version=2\n", 0),
                raw(ImageFault.Vmdk, "KDMV", 0),
                raw(ImageFault.Vmdk, "COWD", 0),
                raw(ImageFault.Vmdk, "\u00be\u00ba\u00fe\u00ca\0\0\0\0", 0),
                raw(ImageFault.Vdi, "\u007f\u0010\u00da\u00be", 64),
                raw(ImageFault.Qed, "QED\0", 0),
                raw(ImageFault.Parallels, "WithoutFreeSpace", 0),
                raw(ImageFault.Parallels, "WithouFreSpacExt", 0),
                raw(ImageFault.Bochs, "Bochs Virtual HD Image", 0),
                raw(ImageFault.Cloop, "#!/bin/sh\n#V2.0 Format\nmodprobe cloop", 0),
                raw(ImageFault.Dmg, "koly", (1 << 16) - 512),
                raw(ImageFault.Luks, "LUKS\u00ba\u00be", 0),
                raw(ImageFault.Compressed, "\u001f\u008b\b", 0),
                raw(ImageFault.Compressed, "\u00fd7zXZ\0", 0),
                raw(ImageFault.Compressed, "(\u00b5/\u00fd", 0),
                raw(ImageFault.Compressed, "\u0004\"M\u0018", 0),
                raw(ImageFault.Compressed, "BZh9", 0),
                raw(ImageFault.Archive, "PK\u0003\u0004", 0),
                raw(ImageFault.Archive, "7z\u00bc\u00af'\u001c", 0),
                raw(ImageFault.Archive, "ustar", 257));
    }

    private static List<HostileImage> notDisks() {
        return List.of(
                new HostileImage(ImageFault.Empty, "nothing", ByteBuffer.allocate(0)),
                new HostileImage(ImageFault.NoBootSector, "a byte", ByteBuffer.allocate(1)),
                new HostileImage(ImageFault.NoBootSector, "zeros", ByteBuffer.allocate(1 << 16)),
                new HostileImage(ImageFault.NoBootSector, "half a boot sector", HostileImage.bootable()).cutTo(511),
                new HostileImage(ImageFault.OddSize, "a disk with half a sector", HostileImage.bootable()).cutTo(800));
    }
}
