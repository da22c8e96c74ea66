package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStore.NewFile;
import io.trustedlaunch.backup.BackupStoreException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;

/** A store each of whose calls goes through a gate, also those on its new files. What is open for reading stays what it is. */
public final class GatedStore {
    private GatedStore() {}

    /** Either method may wait, or fail the call. */
    public interface Gate {
        void before() throws BackupStoreException;

        /** It has had its effect. */
        void after() throws BackupStoreException;
    }

    public static BackupStore of(BackupStore store, Gate gate) {
        return gated(BackupStore.class, store, gate);
    }

    private static <T> T gated(Class<T> type, T real, Gate gate) {
        InvocationHandler handler = (proxy, method, given) -> {
            if (method.isDefault()) {
                // It calls the others.
                return InvocationHandler.invokeDefault(proxy, method, given);
            }
            gate.before();
            Object result;
            try {
                result = method.invoke(real, given);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
            gate.after();
            return switch (result) {
                case NewFile file -> gated(NewFile.class, file, gate);
                case null, default -> result;
            };
        };
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), List.of(type).toArray(Class<?>[]::new), handler));
    }
}
