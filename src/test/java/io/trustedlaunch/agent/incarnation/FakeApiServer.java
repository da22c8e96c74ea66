package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.NODE;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.incarnation.report.StatusWriter;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.VMIncarnationStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Stores incarnations, with the versions and generations of an API server, and the VM's owner. */
public final class FakeApiServer implements StatusWriter, Ownership.Reader {
    private final Map<String, VMIncarnation> stored = new HashMap<>();
    private final List<VMIncarnationStatus> written = new ArrayList<>();
    private Ownership ownership;
    private long version;
    private boolean down;

    /** Whether the operator puts a key that was reported into the VM's status, and at once. */
    boolean recordsKeys = true;

    public FakeApiServer() {
        own(1, NODE);
    }

    /** Also as after a restore from a backup that was made before any status. */
    public VMIncarnation create(VMIncarnation incarnation) {
        return store(incarnation, incarnation.getSpec(), null, 1);
    }

    public VMIncarnation read(VMIncarnation incarnation) {
        return stored.get(incarnation.getMetadata().getName());
    }

    public VMIncarnation edit(VMIncarnation incarnation, UnaryOperator<VMIncarnationSpecBuilder> change) {
        VMIncarnation now = read(incarnation);
        VMIncarnationSpec changed =
                change.apply(VMIncarnationSpecBuilder.builder(now.getSpec())).build();
        return store(now, changed, now.getStatus(), now.getMetadata().getGeneration() + 1);
    }

    public VMIncarnation desire(VMIncarnation incarnation, DesiredState desired) {
        return edit(
                incarnation,
                spec -> spec.desiredState(desired).envelope(desired == DesiredState.Erased ? null : spec.envelope()));
    }

    @Override
    public VMIncarnation write(VMIncarnation incarnation, VMIncarnationStatus status) {
        if (down) {
            throw new KubernetesClientException("connection refused");
        }
        written.add(status);
        VMIncarnation now = read(incarnation);
        return store(now, now.getSpec(), status, now.getMetadata().getGeneration());
    }

    @Override
    public Ownership read(VMIncarnationSpec.VmRef vm) {
        if (down) {
            return new Ownership.Unread("connection refused");
        }
        return ownership instanceof Ownership.Found found
                        && recordsKeys
                        && found.ekDigest().isEmpty()
                ? new Ownership.Found(
                        found.uid(),
                        found.epoch(),
                        found.nodeName(),
                        found.deleting(),
                        reportedEks().stream().findFirst())
                : ownership;
    }

    void own(Ownership now) {
        ownership = now;
    }

    void own(long epoch, String node) {
        own(new Ownership.Found(VM.toString(), epoch, node, false, Optional.empty()));
    }

    void setDown(boolean now) {
        down = now;
    }

    public List<VMIncarnationStatus> written() {
        return List.copyOf(written);
    }

    List<String> reportedEks() {
        return written.stream()
                .map(VMIncarnationStatus::ekDigest)
                .filter(Objects::nonNull)
                .toList();
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
