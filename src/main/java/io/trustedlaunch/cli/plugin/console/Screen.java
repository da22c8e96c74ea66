package io.trustedlaunch.cli.plugin.console;

import io.trustedlaunch.cli.plugin.terminal.StandardStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Prints a guest's output to its console, unchanged. Closing it, or the end of the process, takes back what the guest may
 * have set in the user's terminal: the next program would run with it.
 */
final class Screen extends OutputStream {
    private static final String ESC = "\u001b";

    /** Ends a sequence that the guest has begun. */
    private static final String CANCEL = "\u0018" + ESC + "\\";

    /** The title is put on the terminal's stack while the guest may change it. */
    static final String ENTER = ESC + "[22;0t";

    /**
     * The order matters: what leaves the alternate screen puts the cursor where it was saved last, so it is saved before, and the
     * soft reset forgets that place.
     */
    static final String RESET = CANCEL
            // The alternate screen: the newest of its modes, then the older ones.
            + sequences("7", "[?1049l", "[?1047l", "[?47l")
            // Cursor keys, keypad, insertion, scroll region, character sets.
            + sequences("[!p")
            // The same for terminals without a soft reset; a scroll region moves the cursor.
            + sequences("7", "[r", "8", "[?1l", ">", "[4l", "[2l", "[20l", "[?7h", "[?25h", "(B", ")B")
            + "\u000f"
            // The whole screen in reverse, left and right margins.
            + sequences("[?5l", "[?69l")
            // The mouse and the window's focus are typed no more.
            + modesOff(9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016)
            // Pasted text arrives without brackets, output is not held back.
            + modesOff(2004, 2026)
            // Keys are typed as usual: the extensions of xterm and of kitty.
            + sequences("[>4m", "[=0u")
            // The shape of the cursor, the colours, the title.
            + sequences("[0 q", "]104\u001b\\", "]110\u001b\\", "]111\u001b\\", "]112\u001b\\", "[23;0t")
            // Last: a terminal that does not know one of these may take it for attributes.
            + sequences("[0m");

    private final OutputStream out;
    private final boolean terminal;
    private boolean closed;

    Screen(OutputStream out, boolean terminal) throws IOException {
        this.out = out;
        this.terminal = terminal;
        if (terminal) {
            send(ENTER);
        }
    }

    /** Standard output, which is reset also if the process is ended. */
    static Screen open() throws IOException {
        Screen screen = new Screen(System.out, StandardStream.stdout.isTerminal());
        Runtime.getRuntime().addShutdownHook(new Thread(screen::closeAtShutdown));
        return screen;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("the console is closed");
        }
        out.write(bytes, offset, length);
    }

    @Override
    public synchronized void flush() throws IOException {
        out.flush();
    }

    /** Nothing of the guest comes after it. The stream itself stays open. */
    @Override
    public synchronized void close() throws IOException {
        if (!closed && terminal) {
            send(RESET);
        }
        closed = true;
    }

    private void closeAtShutdown() {
        try {
            close();
        } catch (IOException e) {
            // The terminal is gone.
            return;
        }
    }

    private void send(String sequence) throws IOException {
        out.write(sequence.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static String sequences(String... sequences) {
        return Arrays.stream(sequences).map(sequence -> ESC + sequence).collect(Collectors.joining());
    }

    private static String modesOff(int... modes) {
        return Arrays.stream(modes).mapToObj(mode -> ESC + "[?" + mode + "l").collect(Collectors.joining());
    }
}
