package io.trustedlaunch.gueststate;

import io.trustedlaunch.custody.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The sealed states of a TPM up to and including one, so that an older state is recognized when it comes back, even if
 * its file is no longer at home. A state has no counter that can be read without starting the TPM; but swtpm encrypts
 * each state anew, so that no two are equal.
 *
 * @param digests the first eight bytes of each state's SHA-256, in lower-case hex; the oldest first
 */
public record TpmTrail(List<String> digests) {
    public static final TpmTrail NONE = new TpmTrail(List.of());

    /** A guest's boot writes some twenty states. Older states than these are not recognized. */
    public static final int MAX_STATES = 512;

    private static final int DIGEST_LENGTH = 16;
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{" + DIGEST_LENGTH + "}");

    /** @throws IllegalArgumentException if a digest is malformed, or there are too many */
    public TpmTrail {
        if (digests.size() > MAX_STATES
                || !digests.stream().allMatch(digest -> DIGEST.matcher(digest).matches())) {
            throw new IllegalArgumentException("not a list of digests of TPM states");
        }
        digests = List.copyOf(digests);
    }

    public boolean includes(byte[] tpm) {
        return digests.contains(digest(tpm));
    }

    boolean endsWith(byte[] tpm) {
        return !digests.isEmpty() && digests.getLast().equals(digest(tpm));
    }

    /** The trail with the state that was sealed next; unchanged if that is still the last one. */
    public TpmTrail and(byte[] tpm) {
        if (endsWith(tpm)) {
            return this;
        }
        List<String> longer = new ArrayList<>(digests);
        longer.add(digest(tpm));
        return new TpmTrail(longer.subList(Math.max(0, longer.size() - MAX_STATES), longer.size()));
    }

    private static String digest(byte[] tpm) {
        return Sha256.of(tpm).substring(0, DIGEST_LENGTH);
    }
}
