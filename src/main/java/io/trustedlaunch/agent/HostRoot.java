package io.trustedlaunch.agent;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import io.trustedlaunch.agent.libvirt.LibvirtLibrary;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The root folder of the host, as the agent of a pod sees it. The agent makes it its own root: from then on every path,
 * account and program is the host's, as for an agent that is a process of the host.
 */
public final class HostRoot {
    private static final Path OWN = Path.of("/");

    private HostRoot() {}

    /** The folder cannot be used as the root. */
    public static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Functions of the C library. The JDK has none of them. */
    interface Calls extends Library {
        int chroot(String path) throws LastErrorException;

        int chdir(String path) throws LastErrorException;
    }

    /**
     * Must be called before the process uses any file of the host. Does nothing for {@code /}. Classes and libraries of the JDK
     * and the agent that are loaded later must have the same path in both roots.
     */
    public static void use(Path root) throws UnusableException {
        if (root.normalize().equals(OWN)) {
            return;
        }
        if (!root.isAbsolute() || !Files.isDirectory(root)) {
            throw new UnusableException("--host-root: not the absolute path of a folder: " + root, null);
        }
        try {
            LibvirtLibrary.load();
            // JNA takes it from the process, now and later; any other library would come from the host.
            Calls c = Native.load("c", Calls.class);
            c.chroot(root.toString());
            c.chdir("/");
        } catch (LastErrorException e) {
            throw new UnusableException(
                    "--host-root: cannot use " + root + " as the root folder: " + e.getMessage()
                            + "; run the agent as root with the capability SYS_CHROOT",
                    e);
        } catch (UnsatisfiedLinkError e) {
            throw new UnusableException(
                    "--host-root: cannot load a library that the agent's image must have: " + e.getMessage(), e);
        }
    }
}
