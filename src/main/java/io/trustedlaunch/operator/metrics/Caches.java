package io.trustedlaunch.operator.metrics;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.processing.Controller;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The objects that the controllers have in their caches. */
@FunctionalInterface
public interface Caches {
    /** Empty if no controller is for that kind. */
    <R extends HasMetadata> Stream<R> list(Class<R> kind);

    /**
     * The caches of the controllers that are registered now: the SDK does not say which they are while it starts or stops them,
     * and a scrape would wait.
     */
    static Caches of(Operator operator) {
        Map<Class<?>, Controller<?>> controllers = new HashMap<>();
        operator.getRegisteredControllers().forEach(registered -> {
            if (registered instanceof Controller<?> controller) {
                // Several controllers of one kind share one cache.
                controllers.put(controller.getConfiguration().getResourceClass(), controller);
            }
        });
        return new Caches() {
            @Override
            public <R extends HasMetadata> Stream<R> list(Class<R> kind) {
                return Optional.<Controller<?>>ofNullable(controllers.get(kind)).stream()
                        .flatMap(controller -> controller
                                .getEventSourceManager()
                                .getControllerEventSource()
                                .list())
                        .map(kind::cast);
            }
        };
    }
}
