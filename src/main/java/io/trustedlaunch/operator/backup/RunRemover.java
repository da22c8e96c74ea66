package io.trustedlaunch.operator.backup;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes each run that its subject does not need any more. The agent of a removed run then clears up what it has on its node.
 *
 * @param <R> the kind of run
 * @param <S> the kind of its subject, which is in any namespace
 */
public abstract class RunRemover<R extends HasMetadata, S extends HasMetadata> implements Reconciler<R> {
    private static final Logger LOG = LoggerFactory.getLogger(RunRemover.class);

    private final Class<S> kind;
    private final String namespace;
    private final BiFunction<String, String, Optional<S>> reader;
    private final ResourceWriter writer;
    private WatchCache<S> subjects;

    /**
     * @param namespace the operator's own, where the runs are
     * @param reader reads the subject of that namespace and name from the API server
     */
    protected RunRemover(
            Class<S> kind, String namespace, BiFunction<String, String, Optional<S>> reader, ResourceWriter writer) {
        this.kind = kind;
        this.namespace = namespace;
        this.reader = reader;
        this.writer = writer;
    }

    /** The names of the runs that the subject may have. */
    protected abstract Stream<String> runsOf(S subject);

    /** The namespace and name of its subject. */
    protected abstract ResourceID subjectOf(R run);

    /** @param subject the object of that namespace and name now; perhaps another than the run's */
    protected abstract boolean isNeeded(R run, S subject);

    /** Clears up what the run's agent cannot. */
    protected void clearUp(R run) {}

    @Override
    public final List<EventSource<?, R>> prepareEventSources(EventSourceContext<R> context) {
        Watches<R> watches = new Watches<>(context);
        subjects = watches.of(kind)
                .inAllNamespaces()
                .onAddIf(added -> false)
                .triggers(subject -> runsOf(subject)
                        .map(name -> new ResourceID(name, namespace))
                        .collect(Collectors.toSet()));
        return watches.all();
    }

    @Override
    public final UpdateControl<R> reconcile(R run, Context<R> context) {
        if (Reconciliation.isGone(run, context)) {
            return UpdateControl.noUpdate();
        }
        return Reconciliation.of(() -> {
            over(run, find(run, subjects::get));
            return Optional.empty();
        });
    }

    /**
     * One pass over a run.
     *
     * @param watched its subject, as the watch has it
     */
    public final void over(R run, Optional<S> watched) {
        // Caches may be late.
        if (isNeeded(run, watched) || isNeeded(run, find(run, reader))) {
            return;
        }
        ResourceID subject = subjectOf(run);
        LOG.info(
                "{} {}/{} does not need {} {} any more: removing it",
                HasMetadata.getKind(kind),
                subject.getNamespace().orElseThrow(),
                subject.getName(),
                run.getKind(),
                run.getMetadata().getName());
        clearUp(run);
        writer.delete(run);
    }

    private boolean isNeeded(R run, Optional<S> subject) {
        return subject.filter(found -> isNeeded(run, found)).isPresent();
    }

    private Optional<S> find(R run, BiFunction<String, String, Optional<S>> objects) {
        ResourceID id = subjectOf(run);
        return objects.apply(id.getNamespace().orElseThrow(), id.getName());
    }
}
