package io.trustedlaunch.bootlog;

import java.util.StringJoiner;

/**
 * The files of an EFI_DEVICE_PATH_PROTOCOL (UEFI Specification, section "Device Path Protocol"), and the file in the firmware's own
 * volume as FvFile(GUID). The hardware that they are on is left out.
 */
final class DevicePath {
    private static final int MEDIA = 0x04;
    private static final int FILE_PATH = 0x04;
    private static final int FIRMWARE_FILE = 0x06;
    private static final int HEADER = 4;
    private static final int GUID = 16;

    private DevicePath() {}

    static String files(byte[] path) throws EventLogException {
        StringJoiner files = new StringJoiner("/");
        EventReader nodes = new EventReader(path);
        while (!nodes.atEnd()) {
            int type = nodes.uint8();
            int subtype = nodes.uint8();
            EventReader node = new EventReader(nodes.bytes(nodes.uint16() - HEADER));
            if (type == MEDIA && subtype == FILE_PATH) {
                files.add(Texts.utf16(node.rest()));
            } else if (type == MEDIA && subtype == FIRMWARE_FILE) {
                files.add("FvFile(" + guid(node) + ")");
            }
        }
        return files.toString();
    }

    private static String guid(EventReader node) throws EventLogException {
        String first = String.format("%08X-%04X-%04X", node.uint32(), node.uint16(), node.uint16());
        StringBuilder guid = new StringBuilder(first);
        for (int i = 0; i < GUID / 2; i++) {
            guid.append(i == 0 || i == 2 ? "-" : "").append(String.format("%02X", node.uint8()));
        }
        return guid.toString();
    }

    /** Description and files of an EFI_LOAD_OPTION (UEFI Specification, section "Load Options"). */
    record LoadOption(String description, String path) {
        static LoadOption parse(byte[] option) throws EventLogException {
            EventReader reader = new EventReader(option);
            reader.uint32();
            int length = reader.uint16();
            StringBuilder description = new StringBuilder();
            for (int character = reader.uint16(); character != 0; character = reader.uint16()) {
                description.append((char) character);
            }
            return new LoadOption(Texts.shown(description.toString()), Texts.shown(files(reader.bytes(length))));
        }
    }
}
