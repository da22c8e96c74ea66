package io.trustedlaunch.agent.incarnation;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.incarnation.report.StatusWriter;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.VMIncarnationStatus;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Keeps incarnations, with the versions and generations that an API server gives them, and who owns the VM. */
public final class FakeApiServer implements StatusWriter, Ownership.Reader {
    private final Map<String, VMIncarnation> stored = new HashMap<>();
    private final List<VMIncarnationStatus> written = new ArrayList<>();
    private Ownership ownership =
            new Ownership.Found(IncarnationFixture.VM.toString(), 1, IncarnationFixture.NODE, false);
    private long version = 1;
    private boolean down;

    public VMIncarnation create(VMIncarnation incarnation) {
        return store(incarnation, incarnation.getSpec(), null, 1);
    }

    public VMIncarnation read(VMIncarnation incarnation) {
        return stored.get(incarnation.getMetadata().getName());
    }

    public VMIncarnation changeSpec(VMIncarnation incarnation, DesiredState desired) {
        String envelope = desired == DesiredState.Erased
                ? null
                : read(incarnation).getSpec().envelope();
        return changeSpec(incarnation, desired, envelope);
    }

    public VMIncarnation removeEnvelope(VMIncarnation incarnation) {
        return changeSpec(incarnation, read(incarnation).getSpec().desiredState(), null);
    }

    private VMIncarnation changeSpec(VMIncarnation incarnation, DesiredState desired, String envelope) {
        VMIncarnation now = read(incarnation);
        VMIncarnationSpec spec = now.getSpec();
        VMIncarnationSpec changed = VMIncarnationSpecBuilder.builder(spec)
                .desiredState(desired)
                .envelope(envelope)
                .build();
        return store(now, changed, now.getStatus(), now.getMetadata().getGeneration() + 1);
    }

    /** A recovery certificate was configured meanwhile. */
    public VMIncarnation escrow(VMIncarnation incarnation, byte[] escrow) {
        VMIncarnation now = read(incarnation);
        VMIncarnationSpec spec = now.getSpec();
        VMIncarnationSpec changed = VMIncarnationSpecBuilder.builder(spec)
                .escrow(Base64.getEncoder().encodeToString(escrow))
                .build();
        return store(now, changed, now.getStatus(), now.getMetadata().getGeneration() + 1);
    }

    /** The guest is to move on. */
    public VMIncarnation depart(VMIncarnation incarnation, Departure departure) {
        VMIncarnation now = read(incarnation);
        VMIncarnationSpec changed =
                IncarnationFixture.moving(now.getSpec(), now.getSpec().arrival(), departure);
        return store(now, changed, now.getStatus(), now.getMetadata().getGeneration() + 1);
    }

    /** The operator says that the guest has left where it comes from. */
    public VMIncarnation left(VMIncarnation incarnation) {
        VMIncarnation now = read(incarnation);
        Arrival arrival = now.getSpec().arrival();
        VMIncarnationSpec changed = IncarnationFixture.moving(
                now.getSpec(),
                new Arrival(arrival.epoch(), arrival.nodeName(), true, arrival.copiesDisks()),
                now.getSpec().departure());
        return store(now, changed, now.getStatus(), now.getMetadata().getGeneration() + 1);
    }

    /** As after a restore from a snapshot that was made before any status. */
    public VMIncarnation restore(VMIncarnation incarnation) {
        return store(incarnation, incarnation.getSpec(), null, 1);
    }

    @Override
    public VMIncarnation write(VMIncarnation incarnation, VMIncarnationStatus status) {
        if (down) {
            throw new KubernetesClientException("connection refused");
        }
        VMIncarnation now = read(incarnation);
        written.add(status);
        return store(now, now.getSpec(), status, now.getMetadata().getGeneration());
    }

    @Override
    public Ownership read(VMIncarnationSpec.VmRef vm) {
        return down ? new Ownership.Unread("connection refused") : ownership;
    }

    public void own(Ownership now) {
        ownership = now;
    }

    public void ownEpoch(long epoch) {
        ownership = new Ownership.Found(IncarnationFixture.VM.toString(), epoch, IncarnationFixture.NODE, false);
    }

    public void setDown(boolean now) {
        down = now;
    }

    public List<VMIncarnationStatus> written() {
        return List.copyOf(written);
    }

    /** The first endorsement key that an agent told. */
    public Optional<String> ekTold() {
        return written.stream()
                .map(VMIncarnationStatus::ekDigest)
                .filter(Objects::nonNull)
                .findFirst();
    }

    private VMIncarnation store(VMIncarnation of, VMIncarnationSpec spec, VMIncarnationStatus status, long generation) {
        VMIncarnation made = new VMIncarnation();
        made.setMetadata(new ObjectMetaBuilder(of.getMetadata())
                .withResourceVersion(Long.toString(++version))
                .withGeneration(generation)
                .build());
        made.setSpec(spec);
        made.setStatus(status);
        stored.put(made.getMetadata().getName(), made);
        return made;
    }
}
