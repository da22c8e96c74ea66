package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.BackupStore;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

/** A store that counts the ranges that are read. */
record CountedStore(BackupStore real, AtomicInteger ranges) {
    BackupStore store() {
        return of(BackupStore.class, real);
    }

    private <T> T of(Class<T> type, T real) {
        InvocationHandler handler = (proxy, method, given) -> {
            if (method.getName().equals("range")) {
                ranges.incrementAndGet();
            }
            try {
                Object result = method.invoke(real, given);
                return method.getReturnType() == BackupStore.StoredObject.class
                        ? of(BackupStore.StoredObject.class, (BackupStore.StoredObject) result)
                        : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
