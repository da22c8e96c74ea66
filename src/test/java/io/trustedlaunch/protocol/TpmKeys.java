package io.trustedlaunch.protocol;

import io.trustedlaunch.agent.incarnation.FakeTpms;
import io.trustedlaunch.custody.EkPublicArea;
import io.trustedlaunch.testkit.EndorsementKeys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The endorsement keys of the TPMs that are made on all hosts, one after the other. */
final class TpmKeys implements FakeTpms.Keys {
    /** Those of all clusters, since a key takes a while to be made. */
    private static final List<EkPublicArea> KEYS = new ArrayList<>(
            List.of(EndorsementKeys.ONE, EndorsementKeys.OTHER, EndorsementKeys.THIRD, EndorsementKeys.FOURTH));

    private final Map<String, String> areas = new HashMap<>();
    private final Map<UUID, Integer> madeFor = new HashMap<>();
    private int made;

    int made() {
        return made;
    }

    /** How many were made for that VM. */
    int made(UUID vm) {
        return madeFor.getOrDefault(vm, 0);
    }

    /** The VMs for which any was made. */
    Set<UUID> vms() {
        return madeFor.keySet();
    }

    @Override
    public String make(UUID vm) {
        madeFor.merge(vm, 1, Integer::sum);
        EkPublicArea key = key(made++);
        areas.put(key.digest(), key.toBase64());
        return key.digest();
    }

    private static EkPublicArea key(int number) {
        synchronized (KEYS) {
            while (KEYS.size() <= number) {
                KEYS.add(EndorsementKeys.make());
            }
            return KEYS.get(number);
        }
    }

    @Override
    public String publicAreaOf(String digest) {
        return areas.get(digest);
    }
}
