package io.trustedlaunch.agent.imageform;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What other files than disks, and disks of other formats, have at a fixed place. No boot sector has any of it. */
record ForeignMark(ImageFault fault, int offset, String mark) {
    private static final int START = 1024;
    private static final int END = 512;

    private static final List<ForeignMark> AT_START = List.of(
            new ForeignMark(ImageFault.Cloop, 0, "#!/bin/sh\n#V2.0 Format"),
            new ForeignMark(ImageFault.Vmdk, 0, "KDMV"),
            new ForeignMark(ImageFault.Vmdk, 0, "COWD"),
            new ForeignMark(ImageFault.Vmdk, 0, "\u00be\u00ba\u00fe\u00ca\0\0\0\0"),
            new ForeignMark(ImageFault.Vdi, 64, "\u007f\u0010\u00da\u00be"),
            new ForeignMark(ImageFault.Qed, 0, "QED\0"),
            new ForeignMark(ImageFault.Parallels, 0, "WithoutFreeSpace"),
            new ForeignMark(ImageFault.Parallels, 0, "WithouFreSpacExt"),
            new ForeignMark(ImageFault.Bochs, 0, "Bochs Virtual HD Image"),
            new ForeignMark(ImageFault.Luks, 0, "LUKS\u00ba\u00be"),
            new ForeignMark(ImageFault.Compressed, 0, "\u001f\u008b"),
            new ForeignMark(ImageFault.Compressed, 0, "\u00fd7zXZ\0"),
            new ForeignMark(ImageFault.Compressed, 0, "(\u00b5/\u00fd"),
            new ForeignMark(ImageFault.Compressed, 0, "\u0004\"M\u0018"),
            new ForeignMark(ImageFault.Compressed, 0, "BZh"),
            new ForeignMark(ImageFault.Archive, 0, "PK\u0003\u0004"),
            new ForeignMark(ImageFault.Archive, 0, "7z\u00bc\u00af'\u001c"),
            new ForeignMark(ImageFault.Archive, 257, "ustar"));

    private static final List<ForeignMark> AT_END = List.of(new ForeignMark(ImageFault.Dmg, 0, "koly"));

    static Optional<ImageFault> in(ImageBytes bytes) throws IOException, FaultyImageException {
        String start = new String(bytes.upTo(0, START), ISO_8859_1);
        String end = new String(bytes.upTo(Math.max(0, bytes.size() - END), END), ISO_8859_1);
        return first(AT_START, start)
                .or(() -> first(AT_END, end))
                .or(() -> isVmdkText(start) ? Optional.of(ImageFault.Vmdk) : Optional.empty());
    }

    private static Optional<ImageFault> first(List<ForeignMark> marks, String text) {
        return marks.stream()
                .filter(each -> text.startsWith(each.mark(), each.offset()))
                .map(ForeignMark::fault)
                .findFirst();
    }

    /** A list of other files to open, which QEMU knows by its first line that is neither empty nor a comment. */
    private static boolean isVmdkText(String start) {
        String text = start.stripLeading();
        return text.startsWith("#") || text.startsWith("version=");
    }
}
