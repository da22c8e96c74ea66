package io.trustedlaunch.operator.migration;

import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMMigration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Events of a VM and of its incarnations trigger the migrations that name the VM. */
final class MigrationEventSources implements MigrationCaches {
    /** Another name than that of the VM controller's index of the same objects. */
    private static final String BY_VM = "migration/vm";

    private final String namespace;
    private final EventSourceContext<VMMigration> context;
    private final InformerEventSource<TrustedLaunchVM, VMMigration> vms;
    private final InformerEventSource<VMIncarnation, VMMigration> incarnations;

    /** @param namespace the operator's own */
    MigrationEventSources(EventSourceContext<VMMigration> context, String namespace) {
        this.context = context;
        this.namespace = namespace;
        context.getPrimaryCache()
                .addIndexer(
                        BY_VM,
                        migration -> List.of(key(
                                migration.getMetadata().getNamespace(),
                                migration.getSpec().vmRef().name())));
        this.vms = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(TrustedLaunchVM.class, VMMigration.class)
                        .withSecondaryToPrimaryMapper(vm -> naming(
                                vm.getMetadata().getNamespace(),
                                vm.getMetadata().getName()))
                        .withPrimaryToSecondaryMapper((VMMigration migration) -> Set.of(new ResourceID(
                                migration.getSpec().vmRef().name(),
                                migration.getMetadata().getNamespace())))
                        .withOnUpdateFilter((now, before) -> !Objects.equals(recorded(now), recorded(before)))
                        .build(),
                context);
        this.incarnations = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(VMIncarnation.class, VMMigration.class)
                        .withNamespaces(namespace)
                        .withSecondaryToPrimaryMapper(incarnation -> naming(
                                incarnation.getSpec().vmRef().namespace(),
                                incarnation.getSpec().vmRef().name()))
                        .withPrimaryToSecondaryMapper((VMMigration migration) -> Set.of())
                        .withOnUpdateFilter((now, before) -> !Objects.equals(reported(now), reported(before)))
                        .build(),
                context);
        this.incarnations.addIndexers(Map.of(
                BY_VM, incarnation -> List.of(incarnation.getSpec().vmRef().uid())));
    }

    List<EventSource<?, VMMigration>> all(EventSource<?, VMMigration> pending) {
        return List.of(vms, incarnations, pending);
    }

    @Override
    public Optional<TrustedLaunchVM> vm(String ofNamespace, String name) {
        return vms.get(new ResourceID(name, ofNamespace));
    }

    @Override
    public Optional<VMIncarnation> incarnation(String name) {
        return incarnations.get(new ResourceID(name, namespace));
    }

    @Override
    public List<VMIncarnation> incarnations(TrustedLaunchVM vm) {
        return incarnations.byIndex(BY_VM, vm.identity());
    }

    private Set<ResourceID> naming(String ofNamespace, String vm) {
        return context.getPrimaryCache().byIndex(BY_VM, key(ofNamespace, vm)).stream()
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    /** The parts of a VM's status that a migration's status depends on. */
    private static Object recorded(TrustedLaunchVM vm) {
        return Optional.ofNullable(vm.getStatus())
                .map(status -> List.of(
                        Optional.ofNullable(status.migration()),
                        Optional.ofNullable(status.phase()),
                        Optional.ofNullable(status.epoch())));
    }

    private static Object reported(VMIncarnation incarnation) {
        return Optional.ofNullable(incarnation.getStatus())
                .map(status -> List.of(
                        Optional.ofNullable(status.phase()),
                        Optional.ofNullable(status.exit()),
                        Optional.ofNullable(status.message()),
                        Optional.ofNullable(status.departure())));
    }

    private static String key(String ofNamespace, String vm) {
        return ofNamespace + "/" + vm;
    }
}
