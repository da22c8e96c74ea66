package io.trustedlaunch.agent.imageform;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The signature of a format that is not accepted, at its fixed offset. None of them matches a boot sector. */
record FormatSignature(ImageFault fault, int offset, String signature) {
    private static final int START_LENGTH = 1024;
    private static final int END_LENGTH = 512;

    private static final List<FormatSignature> AT_START = List.of(
            new FormatSignature(ImageFault.Cloop, 0, "#!/bin/sh\n#V2.0 Format"),
            new FormatSignature(ImageFault.Vmdk, 0, "KDMV"),
            new FormatSignature(ImageFault.Vmdk, 0, "COWD"),
            new FormatSignature(ImageFault.Vmdk, 0, "\u00be\u00ba\u00fe\u00ca\0\0\0\0"),
            new FormatSignature(ImageFault.Vdi, 64, "\u007f\u0010\u00da\u00be"),
            new FormatSignature(ImageFault.Qed, 0, "QED\0"),
            new FormatSignature(ImageFault.Parallels, 0, "WithoutFreeSpace"),
            new FormatSignature(ImageFault.Parallels, 0, "WithouFreSpacExt"),
            new FormatSignature(ImageFault.Bochs, 0, "Bochs Virtual HD Image"),
            new FormatSignature(ImageFault.Luks, 0, "LUKS\u00ba\u00be"),
            new FormatSignature(ImageFault.Compressed, 0, "\u001f\u008b"),
            new FormatSignature(ImageFault.Compressed, 0, "\u00fd7zXZ\0"),
            new FormatSignature(ImageFault.Compressed, 0, "(\u00b5/\u00fd"),
            new FormatSignature(ImageFault.Compressed, 0, "\u0004\"M\u0018"),
            new FormatSignature(ImageFault.Compressed, 0, "BZh"),
            new FormatSignature(ImageFault.Archive, 0, "PK\u0003\u0004"),
            new FormatSignature(ImageFault.Archive, 0, "7z\u00bc\u00af'\u001c"),
            new FormatSignature(ImageFault.Archive, 257, "ustar"));

    private static final List<FormatSignature> AT_END = List.of(new FormatSignature(ImageFault.Dmg, 0, "koly"));

    static Optional<ImageFault> find(ImageBytes bytes) throws IOException, FaultyImageException {
        String start = new String(bytes.upTo(0, START_LENGTH), ISO_8859_1);
        String end = new String(bytes.upTo(Math.max(0, bytes.size() - END_LENGTH), END_LENGTH), ISO_8859_1);
        return first(AT_START, start)
                .or(() -> first(AT_END, end))
                .or(() -> isVmdkDescriptor(start) ? Optional.of(ImageFault.Vmdk) : Optional.empty());
    }

    private static Optional<ImageFault> first(List<FormatSignature> signatures, String text) {
        return signatures.stream()
                .filter(each -> text.startsWith(each.signature(), each.offset()))
                .map(FormatSignature::fault)
                .findFirst();
    }

    /** A descriptor names other files to open; QEMU recognizes it by its first line that is not empty or a comment. */
    private static boolean isVmdkDescriptor(String start) {
        String text = start.stripLeading();
        return text.startsWith("#") || text.startsWith("version=");
    }
}
