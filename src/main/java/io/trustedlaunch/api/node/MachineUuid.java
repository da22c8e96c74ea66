package io.trustedlaunch.api.node;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The UUID of a machine in its firmware (SMBIOS), in lower case. */
public record MachineUuid(String text) {
    private static final Pattern FORMAT = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** UUIDs of firmware that was given none; many machines have the same. */
    private static final Set<String> PLACEHOLDERS = Set.of(
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "03000200-0400-0500-0006-000700080009");

    /** Empty if it is not one, or does not distinguish machines. */
    public static Optional<MachineUuid> parse(String text) {
        return Optional.ofNullable(text)
                .map(given -> given.strip().toLowerCase(Locale.ROOT))
                .filter(given -> FORMAT.matcher(given).matches())
                .filter(given -> !PLACEHOLDERS.contains(given))
                .map(MachineUuid::new);
    }

    /**
     * Whether both name the same machine. SMBIOS stores the first three numbers with the lowest byte first, and some
     * management controllers print them in that order.
     */
    public boolean isSameMachine(MachineUuid other) {
        return text.equals(other.text) || text.equals(other.swapped());
    }

    private String swapped() {
        String[] numbers = text.split("-", -1);
        for (int number = 0; number < 3; number++) {
            numbers[number] = reversed(numbers[number]);
        }
        return String.join("-", numbers);
    }

    private static String reversed(String number) {
        StringBuilder bytes = new StringBuilder();
        for (int at = number.length() - 2; at >= 0; at -= 2) {
            bytes.append(number, at, at + 2);
        }
        return bytes.toString();
    }

    @Override
    public String toString() {
        return text;
    }
}
