package io.trustedlaunch.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.process.Informers;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * One list, one watch and one cache of the objects that several controllers select alike. The SDK asks its client for an
 * informer for each event source; this client returns the same one for the same selection.
 *
 * <p>So all event sources of one selection share the informer's indexes: their names must differ.
 */
public final class SharedInformers {
    private static final String INFORMER = "runnableInformer";

    /** The methods by which the SDK selects objects. */
    private static final Set<String> SELECTING =
            Set.of("resources", "inAnyNamespace", "inNamespace", "withLabelSelector", "withField", "withoutField");

    /** The keys are the calls that select their objects. */
    private final Map<List<Object>, SharedIndexInformer<?>> informers = new ConcurrentHashMap<>();

    private SharedInformers() {}

    /** The client for the SDK: like the given one, but for its informers. */
    public static KubernetesClient of(KubernetesClient client) {
        return new SharedInformers().sharing(KubernetesClient.class, client, List.of());
    }

    private <T> T sharing(Class<T> type, T target, List<Object> selection) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.getName().equals(INFORMER)) {
                return informers.computeIfAbsent(selection, key -> informer(selection, (Informable<?>) target));
            }
            return selected(method, arguments, invoke(target, method, arguments), selection);
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** The first call of a selection is that of resources, with the kind. */
    @SuppressWarnings("unchecked")
    private static <T extends HasMetadata> SharedIndexInformer<T> informer(
            List<Object> selection, Informable<?> operation) {
        List<?> call = (List<?>) selection.getFirst();
        return Informers.of((Class<T>) ((List<?>) call.getLast()).getFirst(), (Informable<T>) operation);
    }

    private Object selected(Method method, Object[] arguments, Object result, List<Object> before) {
        if (!SELECTING.contains(method.getName()) || !(result instanceof MixedOperation<?, ?, ?> operation)) {
            return result;
        }
        List<Object> call = Arrays.asList(method.getName(), arguments == null ? List.of() : Arrays.asList(arguments));
        return sharing(
                MixedOperation.class,
                operation,
                Stream.concat(before.stream(), Stream.of(call)).toList());
    }

    private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
