package io.trustedlaunch.bootlog;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.api.Messages;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Optional;

/** The texts of events, which a guest chooses. */
final class Texts {
    /** Of a label, in characters. */
    private static final int MAX = 256;

    private Texts() {}

    /** Printable, and cut off. */
    static String shown(String text) {
        return Messages.printable(Messages.bounded(text, MAX));
    }

    /** Without what follows the first NUL. */
    static String utf8(byte[] bytes) {
        return untilNul(new String(bytes, UTF_8));
    }

    static String utf16(byte[] bytes) {
        return untilNul(new String(bytes, UTF_16LE));
    }

    /** The bytes without NULs at their end. */
    static byte[] trimmed(byte[] bytes) {
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == 0) {
            length--;
        }
        return Arrays.copyOf(bytes, length);
    }

    /** The text if the bytes are nothing else: UTF-8, or UTF-16 of ASCII, without control characters. */
    static Optional<String> pure(byte[] bytes) {
        byte[] narrow = trimmed(isWide(bytes) ? narrowed(bytes) : bytes);
        if (narrow.length == 0) {
            return Optional.empty();
        }
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(narrow)).toString();
            return Optional.of(text).filter(whole -> Messages.printable(whole).equals(whole));
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static boolean isWide(byte[] bytes) {
        if (bytes.length < 4 || bytes.length % 2 != 0) {
            return false;
        }
        for (int i = 1; i < bytes.length; i += 2) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] narrowed(byte[] bytes) {
        byte[] narrow = new byte[bytes.length / 2];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = bytes[2 * i];
        }
        return narrow;
    }

    private static String untilNul(String text) {
        int nul = text.indexOf('\0');
        return nul < 0 ? text : text.substring(0, nul);
    }
}
