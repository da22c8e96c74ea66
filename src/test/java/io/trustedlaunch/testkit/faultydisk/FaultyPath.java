package io.trustedlaunch.testkit.faultydisk;

import java.io.File;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.stream.IntStream;

/** A real path whose file system is the faulty disk. */
record FaultyPath(Path real, FileSystem disk) implements InvocationHandler {
    static Path of(Path real, FileSystem disk) {
        return real == null
                ? null
                : (Path) Proxy.newProxyInstance(
                        FaultyPath.class.getClassLoader(), new Class<?>[] {Path.class}, new FaultyPath(real, disk));
    }

    static Path real(Path path) {
        return path != null && Proxy.isProxyClass(path.getClass())
                ? ((FaultyPath) Proxy.getInvocationHandler(path)).real()
                : path;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("getFileSystem")) {
            return disk;
        }
        if (method.getName().equals("iterator")) {
            return iterator();
        }
        if (method.getName().equals("toFile")) {
            return new File(real.toString());
        }
        try {
            Object result = method.invoke(real, unwrap(arguments));
            return result instanceof Path path ? of(path, disk) : result;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Iterator<Path> iterator() {
        return IntStream.range(0, real.getNameCount())
                .mapToObj(index -> of(real.getName(index), disk))
                .iterator();
    }

    private static Object[] unwrap(Object[] arguments) {
        if (arguments == null) {
            return null;
        }
        Object[] real = new Object[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            real[i] = arguments[i] instanceof Path path ? real(path) : arguments[i];
        }
        return real;
    }
}
