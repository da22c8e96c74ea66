package io.trustedlaunch.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StaleViewException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What tests of the protocol rely on: the fake API server and a real one answer alike. No controller touches the object. */
public abstract class ApiServerContract {
    private final String uid = UUID.randomUUID().toString();
    private VMIncarnation created;

    protected abstract ResourceWriter writer();

    protected abstract Optional<VMIncarnation> find(String name);

    @AfterEach
    void remove() {
        now().map(there -> writer().setFinalizers(there, List.of()))
                .flatMap(there -> now())
                .ifPresent(writer()::delete);
    }

    private VMIncarnation create() {
        created = writer().createIfAbsent(incarnation());
        return created;
    }

    private VMIncarnation incarnation() {
        VMIncarnation incarnation = Incarnations.incarnation(
                Incarnations.spec(2)
                        .vmRef(new VmRef(Vms.NAMESPACE, "of-the-contract", uid, null))
                        .desiredState(DesiredState.Stopped)
                        .build(),
                null);
        incarnation.getMetadata().setUid(null);
        incarnation.getMetadata().setResourceVersion(null);
        return incarnation;
    }

    private Optional<VMIncarnation> now() {
        return find(VMIncarnation.nameOf(uid, 2));
    }

    private VMIncarnation present() {
        return now().orElseThrow();
    }

    private static VMIncarnation with(VMIncarnation incarnation, Phase phase) {
        incarnation.setStatus(Incarnations.status(phase).build());
        return incarnation;
    }

    private static Phase phase(VMIncarnation incarnation) {
        return Optional.ofNullable(incarnation.getStatus())
                .map(VMIncarnationStatus::phase)
                .orElse(null);
    }

    @Test
    public void anObjectIsCreatedWithoutAStatus() {
        writer().createIfAbsent(with(incarnation(), Phase.Stopped));

        assertThat(present().getStatus()).isNull();
        assertThat(present().getMetadata().getGeneration()).isEqualTo(1);
    }

    @Test
    public void anObjectThatExistsIsNotCreatedAgain() {
        create();

        VMIncarnation again = writer().createIfAbsent(incarnation());

        assertThat(again.getMetadata().getUid()).isEqualTo(created.getMetadata().getUid());
        assertThat(again.getMetadata().getResourceVersion())
                .isEqualTo(created.getMetadata().getResourceVersion());
    }

    @Test
    public void aStatusIsWrittenOnlyToTheVersionThatWasRead() {
        VMIncarnation first = create();
        VMIncarnation second = present();
        writer().replaceStatus(with(first, Phase.Preparing));

        assertThatThrownBy(() -> writer().replaceStatus(with(second, Phase.Stopped)))
                .isInstanceOf(StaleViewException.class);
        assertThat(phase(present())).isEqualTo(Phase.Preparing);
    }

    @Test
    public void aSpecIsWrittenOnlyToTheVersionThatWasRead() {
        VMIncarnation first = create();
        VMIncarnation second = present();
        writer().replaceStatus(with(first, Phase.Preparing));

        assertThatThrownBy(() -> writer().mergeSpec(second, Map.of("desiredState", "Erased")))
                .isInstanceOf(StaleViewException.class);
        assertThat(present().getSpec().desiredState()).isEqualTo(DesiredState.Stopped);
    }

    @Test
    public void aStatusIsWrittenWithoutTheSpec() {
        VMIncarnation changed = Incarnations.change(create(), spec -> spec.desiredState(DesiredState.Erased));
        writer().replaceStatus(with(changed, Phase.Stopped));

        assertThat(phase(present())).isEqualTo(Phase.Stopped);
        assertThat(present().getSpec().desiredState()).isEqualTo(DesiredState.Stopped);
        assertThat(present().getMetadata().getGeneration()).isEqualTo(1);
    }

    @Test
    public void aSpecIsWrittenWithoutTheStatusAndCountsTheGeneration() {
        VMIncarnation stopped = writer().replaceStatus(with(create(), Phase.Stopped));
        writer().mergeSpec(with(stopped, Phase.Preparing), Map.of("desiredState", "Erased"));

        assertThat(present().getSpec().desiredState()).isEqualTo(DesiredState.Erased);
        assertThat(phase(present())).isEqualTo(Phase.Stopped);
        assertThat(present().getMetadata().getGeneration()).isEqualTo(2);
    }

    @Test
    public void aWriteThatChangesNothingMakesNoVersion() {
        VMIncarnation stopped = writer().replaceStatus(with(create(), Phase.Stopped));
        writer().replaceStatus(present());
        writer().mergeSpec(present(), Map.of("desiredState", "Stopped"));

        assertThat(present().getMetadata().getResourceVersion())
                .isEqualTo(stopped.getMetadata().getResourceVersion());
    }

    @Test
    public void annotationsDoNotCountAsAChangeOfTheSpec() {
        writer().setAnnotations(create(), Map.of("example.com/contract", "yes"));

        assertThat(present().getMetadata().getAnnotations()).containsEntry("example.com/contract", "yes");
        assertThat(present().getMetadata().getGeneration()).isEqualTo(1);
    }

    @Test
    public void aDeletedObjectStaysUntilItHasNoFinalizer() {
        writer().delete(writer().setFinalizers(create(), List.of("example.com/contract")));

        assertThat(present().isMarkedForDeletion()).isTrue();
        assertThat(present().getMetadata().getGeneration()).isEqualTo(2);
        writer().setFinalizers(present(), List.of());
        assertThat(now()).isEmpty();
    }

    @Test
    public void anObjectWithoutAFinalizerIsGoneAtOnce() {
        writer().delete(create());

        assertThat(now()).isEmpty();
    }

    @Test
    public void anObjectThatHasChangedSinceIsNotDeleted() {
        VMIncarnation outdated = create();
        writer().replaceStatus(with(present(), Phase.Preparing));

        assertThatThrownBy(() -> writer().delete(outdated)).isInstanceOf(StaleViewException.class);
        assertThat(now()).isPresent();
    }

    @Test
    public void anotherObjectOfTheSameNameIsNotTouched() {
        VMIncarnation former = create();
        writer().delete(former);
        writer().createIfAbsent(incarnation());

        assertThat(present().getMetadata().getUid())
                .isNotEqualTo(former.getMetadata().getUid());
        assertThatThrownBy(() -> writer().mergeSpec(former, Map.of("desiredState", "Erased")))
                .isInstanceOf(StaleViewException.class);
        assertThatThrownBy(() -> writer().delete(former)).isInstanceOf(StaleViewException.class);
        assertThat(present().getSpec().desiredState()).isEqualTo(DesiredState.Stopped);
    }

    @Test
    public void whatIsGoneIsStale() {
        VMIncarnation former = create();
        writer().delete(former);

        assertThatThrownBy(() -> writer().replaceStatus(with(former, Phase.Preparing)))
                .isInstanceOf(StaleViewException.class);
        assertThatThrownBy(() -> writer().mergeSpec(former, Map.of("desiredState", "Erased")))
                .isInstanceOf(StaleViewException.class);
    }
}
