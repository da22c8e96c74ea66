package io.trustedlaunch.operator.console;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleStatus;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Reports where consoles can be reached, and deletes them when they expire. The agent of the node serves them. */
@ControllerConfiguration(
        name = "console",
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class ConsoleReconciler implements Reconciler<VMConsole> {
    private final ResourceWriter writer;
    private final StatusRecorder recorder;
    private final Supplier<String> authority;
    private final InstantSource clock;
    private ConsoleEventSources sources;

    /**
     * @param authority of the agents' certificates, in PEM
     * @param clock of the API server, which sets creation times
     */
    public ConsoleReconciler(ResourceWriter writer, Supplier<String> authority, InstantSource clock) {
        this.writer = writer;
        this.recorder = new StatusRecorder(writer);
        this.authority = authority;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, VMConsole>> prepareEventSources(EventSourceContext<VMConsole> context) {
        sources = new ConsoleEventSources(context);
        return sources.all();
    }

    @Override
    public UpdateControl<VMConsole> reconcile(VMConsole console, Context<VMConsole> context) {
        if (Reconciliation.isGone(console, context)) {
            return UpdateControl.noUpdate();
        }
        Duration left = ConsoleStatus.left(console, clock.instant());
        return Reconciliation.of(() -> {
            if (!left.isPositive()) {
                writer.delete(console);
                return Optional.empty();
            }
            VMConsoleStatus status = ConsoleStatus.of(gather(console));
            recorder.record(console, status, ConsoleEvents.of(console, status), VMConsole::new, context);
            return Optional.of(left);
        });
    }

    private ConsoleFacts gather(VMConsole console) {
        Optional<TrustedLaunchVM> vm = sources.vm(console);
        return new ConsoleFacts(
                console,
                vm,
                vm.map(TrustedLaunchVM::getStatus)
                        .map(TrustedLaunchVMStatus::nodeName)
                        .flatMap(sources::node),
                authority.get(),
                clock.instant());
    }
}
