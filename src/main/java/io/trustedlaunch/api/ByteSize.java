package io.trustedlaunch.api;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/** Numbers of bytes as the API writes them: exact, in the largest binary unit that divides them, unless rounded. */
public final class ByteSize {
    private static final List<String> UNITS = List.of("", "Ki", "Mi", "Gi", "Ti");
    private static final int UNIT_BITS = 10;
    private static final int MEBI = 2;
    private static final long LEAST = 10;

    /** Nothing overflows. Placement asks often, and decimal powers of two take longer than all else. */
    private static final int MOST_DIGITS = 6;

    private ByteSize() {}

    public static Quantity quantity(long bytes) {
        int zeros = bytes == 0 ? 0 : Long.numberOfTrailingZeros(bytes);
        int unit = Math.min(zeros / UNIT_BITS, UNITS.size() - 1);
        return new Quantity((bytes >> (unit * UNIT_BITS)) + UNITS.get(unit));
    }

    /** As people read it, and rounded up to that: with at least two digits, and no unit larger than MiB. */
    public static Quantity rounded(long bytes) {
        int unit = 0;
        long rounded = bytes;
        while (unit < MEBI && rounded >= LEAST << UNIT_BITS) {
            rounded = Math.ceilDiv(rounded, 1L << UNIT_BITS);
            unit++;
        }
        return new Quantity(rounded + UNITS.get(unit));
    }

    public static long of(Quantity quantity) {
        int unit = UNITS.indexOf(quantity.getFormat());
        return unit >= 0 && isWholeNumber(quantity.getAmount())
                ? Long.parseLong(quantity.getAmount()) << (unit * UNIT_BITS)
                : quantity.getNumericalAmount().longValue();
    }

    /** The first if they are the same. */
    public static Quantity larger(Quantity one, Quantity other) {
        return of(one) >= of(other) ? one : other;
    }

    private static boolean isWholeNumber(String text) {
        int length = text.length();
        boolean isWhole = length > 0 && length <= MOST_DIGITS;
        for (int i = 0; i < length && isWhole; i++) {
            isWhole = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        return isWhole;
    }
}
