package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.gueststate.SealedGuestState;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Sends the files of a guest's home: their number, then name, length and bytes of each. */
final class HomeTransfer {
    /** Three states, a claim and an escrow. */
    private static final int MAX_FILES = 5;

    private static final int MAX_BYTES = SealedGuestState.MAX_BYTES;
    private static final int LONGEST_NAME = 64;
    private static final int LONGEST_NUMBER = 10;

    private HomeTransfer() {}

    static void write(OutputStream to, List<HomeFile> files) throws IOException {
        Lines.write(to, Integer.toString(files.size()));
        for (HomeFile file : files) {
            Lines.write(to, file.name());
            Lines.write(to, Integer.toString(file.content().length));
            to.write(file.content());
        }
        to.flush();
    }

    static List<HomeFile> read(InputStream from) throws IOException {
        int count = number(from, MAX_FILES);
        List<HomeFile> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = Lines.read(from, LONGEST_NAME);
            int length = number(from, MAX_BYTES);
            byte[] content = from.readNBytes(length);
            if (content.length < length) {
                throw new EOFException("the other side closed the connection");
            }
            files.add(new HomeFile(name, content));
        }
        return files;
    }

    private static int number(InputStream from, int most) throws IOException {
        String line = Lines.read(from, LONGEST_NUMBER);
        try {
            int number = Integer.parseInt(line);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IOException("the transfer of the home has a count or length that is not a number", e);
        }
        throw new IOException("the transfer of the home exceeds the limit of " + most);
    }
}
