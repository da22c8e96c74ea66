package io.trustedlaunch.protocol;

import io.trustedlaunch.agent.incarnation.FakeTpms;
import io.trustedlaunch.custody.EkPublicArea;
import io.trustedlaunch.testkit.EndorsementKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The endorsement keys of the TPMs that are made on all hosts, one after the other. */
final class TpmKeys implements FakeTpms.Keys {
    private static final List<EkPublicArea> KEYS =
            List.of(EndorsementKeys.ONE, EndorsementKeys.OTHER, EndorsementKeys.THIRD, EndorsementKeys.FOURTH);

    private static final Map<String, String> AREAS = areas();

    private int made;

    private static Map<String, String> areas() {
        Map<String, String> areas = new HashMap<>();
        KEYS.forEach(key -> areas.put(key.digest(), key.toBase64()));
        return areas;
    }

    int made() {
        return made;
    }

    @Override
    public String make() {
        if (made == KEYS.size()) {
            throw new AssertionError("another TPM is made, after " + made);
        }
        return KEYS.get(made++).digest();
    }

    @Override
    public String publicAreaOf(String digest) {
        return AREAS.get(digest);
    }
}
