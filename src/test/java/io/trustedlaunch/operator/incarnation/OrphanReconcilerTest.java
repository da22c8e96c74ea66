package io.trustedlaunch.operator.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.kube.ApiReader;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OrphanReconcilerTest {
    private final List<String> calls = new ArrayList<>();
    private Optional<VMIncarnation> incarnation = Optional.empty();
    private Optional<Secret> key = Optional.empty();
    private final OrphanReconciler reconciler =
            new OrphanReconciler(noting(ApiReader.class), noting(ResourceWriter.class));

    /** At a start of the operator, there would be a request for each. */
    @Test
    void whileItsVmIsWatchedNothingIsReadForAnIncarnation() {
        reconciler.over(erased(), Optional.of(vm("one")));
        assertThat(calls).isEmpty();
    }

    @Test
    void anotherVmOfTheSameNameIsNotItsVm() {
        reconciler.over(erased(), Optional.of(vm("two")));
        assertThat(calls).startsWith("vm");
    }

    @Test
    void thatThereIsNoVmIsReadFromTheApiServer() {
        reconciler.over(erased(), Optional.empty());
        assertThat(calls).startsWith("vm").doesNotContain("delete");
    }

    /** A guest runs on, for example, because somebody removed the finalizer of its VM. */
    @Test
    void aGuestWithoutAVmIsToldOnce() {
        VMIncarnation running = running();
        incarnation = Optional.of(running);
        reconciler.over(running, Optional.empty());
        reconciler.over(running, Optional.empty());
        assertThat(calls).filteredOn("event"::equals).hasSize(1);
        assertThat(calls).doesNotContain("mergeSpec", "delete");
    }

    /** The Secret names whoever took the retained VM over, also when that VM object is gone. */
    @Test
    void aGuestWhoseVmHadTakenOverARetainedOneIsToldTooUnlessAnotherVmHasItNow() {
        VMIncarnation running = running();
        incarnation = Optional.of(running);
        key = Optional.of(takenOverBy("two"));
        reconciler.over(running, Optional.empty());
        assertThat(calls).doesNotContain("event");

        key = Optional.of(takenOverBy("one"));
        reconciler.over(running, Optional.empty());
        assertThat(calls).contains("event").doesNotContain("mergeSpec", "delete");
    }

    private static VMIncarnation running() {
        VMIncarnation running = erased();
        running.setStatus(VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Running)
                .build());
        return running;
    }

    private static Secret takenOverBy(String uid) {
        return new SecretBuilder()
                .withNewMetadata()
                .withAnnotations(Map.of(Api.RETAINED_VM, "{}", Api.TAKEN_OVER_BY, uid))
                .endMetadata()
                .build();
    }

    @Test
    void guestsWithoutAVmAreCountedUntilTheirVmIsBackOrTheyAreGone() {
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        reconciler.bindTo(metrics);
        VMIncarnation running = running();
        incarnation = Optional.of(running);
        assertThat(metrics.scrape()).contains("\ntrusted_launch_orphaned_incarnations 0.0\n");
        reconciler.over(running, Optional.empty());
        reconciler.over(running, Optional.empty());
        assertThat(metrics.scrape()).contains("\ntrusted_launch_orphaned_incarnations 1.0\n");

        reconciler.over(running, Optional.of(vm("one")));
        assertThat(metrics.scrape()).contains("\ntrusted_launch_orphaned_incarnations 0.0\n");

        reconciler.over(running, Optional.empty());
        reconciler.over(erased(), Optional.empty());
        assertThat(metrics.scrape()).contains("\ntrusted_launch_orphaned_incarnations 0.0\n");
    }

    private static TrustedLaunchVM vm(String uid) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder().withName("db").withUid(uid).build());
        return vm;
    }

    private static VMIncarnation erased() {
        VMIncarnation incarnation = new VMIncarnation();
        incarnation.setMetadata(new ObjectMetaBuilder()
                .withName(VMIncarnation.nameOf("one", 1))
                .withResourceVersion("1")
                .build());
        incarnation.setSpec(VMIncarnationSpecBuilder.builder()
                .vmRef(new VmRef("db", "payroll", "one", null))
                .epoch(1L)
                .nodeName("host-a")
                .desiredState(DesiredState.Erased)
                .firstStart(true)
                .build());
        incarnation.setStatus(VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Erased)
                .build());
        return incarnation;
    }

    /** Nothing is there but the incarnation, and each call is noted. */
    private <T> T noting(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    calls.add(method.getName());
                    return switch (method.getName()) {
                        case "incarnation" -> incarnation;
                        case "secret" -> key;
                        case "event" -> null;
                        default -> Optional.empty();
                    };
                }));
    }
}
