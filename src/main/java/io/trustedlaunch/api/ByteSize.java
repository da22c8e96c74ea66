package io.trustedlaunch.api;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/** Numbers of bytes as the API writes them: exact, in the largest binary unit that divides them. */
public final class ByteSize {
    private static final List<String> UNITS = List.of("", "Ki", "Mi", "Gi", "Ti");
    private static final int UNIT_BITS = 10;

    private ByteSize() {}

    public static Quantity quantity(long bytes) {
        int zeros = bytes == 0 ? 0 : Long.numberOfTrailingZeros(bytes);
        int unit = Math.min(zeros / UNIT_BITS, UNITS.size() - 1);
        return new Quantity((bytes >> (unit * UNIT_BITS)) + UNITS.get(unit));
    }

    public static long of(Quantity quantity) {
        return quantity.getNumericalAmount().longValue();
    }
}
