package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.util.UUID;

/** The VM in {@link Vms}, as agents know it. */
public final class IncarnationFixture {
    public static final UUID VM = UUID.fromString(Vms.UID);
    public static final String NODE = "host-a";

    private IncarnationFixture() {}

    public static VMIncarnation incarnation(long epoch, DesiredState desired) {
        return Incarnations.incarnation(
                Incarnations.spec(epoch).desiredState(desired).build(), null);
    }

    /** Written as in a file's name: 3-1 is generation 1 of epoch 3. */
    public static GuestStateVersion version(String text) {
        String[] parts = text.split("-", -1);
        return new GuestStateVersion(Long.valueOf(parts[0]), Long.valueOf(parts[1]));
    }
}
