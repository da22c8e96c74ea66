package io.trustedlaunch.api.vm;

import java.util.List;
import java.util.stream.Stream;

/** What a VMConsole connects to. */
public enum ConsoleKind {
    /** The serial console. */
    Serial,
    /** The graphical screen with keyboard and pointer, by RFB, the protocol of VNC. */
    Screen;

    /** The names of all of them, as an agent reports what it serves. */
    public static List<String> names() {
        return Stream.of(values()).map(Enum::name).toList();
    }
}
