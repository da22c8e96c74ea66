package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.custody.EkPublicArea;
import java.util.Optional;

/** What a life's agent says of the TPM's endorsement key. */
public sealed interface EkReport {
    /** Nothing yet. */
    record Untold() implements EkReport {}

    /** An agent of an earlier version says no more; nothing can be certified by that. */
    record DigestAlone() implements EkReport {}

    /** The digest is of this key. */
    record Proved(EkPublicArea key) implements EkReport {}

    /** The digest is of another key than the one that was told, or that is no endorsement key. */
    record Contradictory(String why) implements EkReport {}

    static EkReport of(Optional<VMIncarnationStatus> told) {
        Optional<String> digest = told.map(VMIncarnationStatus::ekDigest);
        Optional<String> area = told.map(VMIncarnationStatus::ekPublic);
        if (area.isEmpty()) {
            return digest.isEmpty() ? new Untold() : new DigestAlone();
        }
        try {
            EkPublicArea key = EkPublicArea.fromBase64(area.get());
            return digest.equals(Optional.of(key.digest()))
                    ? new Proved(key)
                    : new Contradictory("the key that was told has the digest " + key.digest() + ", and "
                            + digest.orElse("none") + " was told of it");
        } catch (IllegalArgumentException e) {
            return new Contradictory("what was told as its public area is none: " + e.getMessage());
        }
    }
}
