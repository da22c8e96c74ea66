package io.trustedlaunch.gueststate;

import io.trustedlaunch.custody.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The states of a TPM that were sealed up to one, that one included: an older one is known when it comes back, though its
 * file is not home any more. A state has no counter that could be read without starting the TPM; but swtpm encrypts each
 * that it writes anew, so that none comes twice by itself.
 *
 * @param digests the first eight bytes of each state's SHA-256, in lower-case hex; the oldest first
 */
public record TpmTrail(List<String> digests) {
    public static final TpmTrail NONE = new TpmTrail(List.of());

    /** A guest's boot writes some twenty states. What is older than the last of these is not recognized. */
    public static final int MOST = 512;

    private static final int DIGEST_LENGTH = 16;
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{" + DIGEST_LENGTH + "}");

    /** @throws IllegalArgumentException if one is no such digest, or there are too many */
    public TpmTrail {
        if (digests.size() > MOST
                || !digests.stream().allMatch(digest -> DIGEST.matcher(digest).matches())) {
            throw new IllegalArgumentException("these are no digests of TPM states");
        }
        digests = List.copyOf(digests);
    }

    public boolean includes(byte[] tpm) {
        return digests.contains(digest(tpm));
    }

    boolean endsWith(byte[] tpm) {
        return !digests.isEmpty() && digests.getLast().equals(digest(tpm));
    }

    /** With the state that was sealed next, which may be the last one still. */
    public TpmTrail and(byte[] tpm) {
        if (endsWith(tpm)) {
            return this;
        }
        List<String> longer = new ArrayList<>(digests);
        longer.add(digest(tpm));
        return new TpmTrail(longer.subList(Math.max(0, longer.size() - MOST), longer.size()));
    }

    private static String digest(byte[] tpm) {
        return Sha256.of(tpm).substring(0, DIGEST_LENGTH);
    }
}
