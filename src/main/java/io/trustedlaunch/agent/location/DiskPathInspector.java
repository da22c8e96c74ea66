package io.trustedlaunch.agent.location;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.trustedlaunch.agent.location.PathFacts.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;

/** Inspects the host's file system. */
public final class DiskPathInspector implements PathInspector {
    private static final int PERMISSION_BITS = 07777;

    /** A function of the C library that Java does not offer. */
    interface ExtendedAttributes extends Library {
        long lgetxattr(String path, String name, Pointer value, long size);
    }

    private final ExtendedAttributes attributes = Native.load("c", ExtendedAttributes.class);

    @Override
    public PathFacts inspect(Path path) {
        try {
            Map<String, Object> found = Files.readAttributes(
                    path, "unix:isDirectory,isSymbolicLink,mode,owner,group", LinkOption.NOFOLLOW_LINKS);
            return PathFactsBuilder.builder()
                    .path(path)
                    .kind(kind((boolean) found.get("isDirectory"), (boolean) found.get("isSymbolicLink")))
                    .owner(((UserPrincipal) found.get("owner")).getName())
                    .group(((GroupPrincipal) found.get("group")).getName())
                    .mode((int) found.get("mode") & PERMISSION_BITS)
                    .accessList(hasAccessList(path))
                    .build();
        } catch (NoSuchFileException e) {
            return PathFacts.missing(path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot inspect " + path, e);
        }
    }

    /** An access control list can grant access that the mode does not show. */
    private boolean hasAccessList(Path path) {
        return attributes.lgetxattr(path.toString(), "system.posix_acl_access", Pointer.NULL, 0) > 0;
    }

    private static Kind kind(boolean folder, boolean link) {
        if (link) {
            return Kind.LINK;
        }
        return folder ? Kind.FOLDER : Kind.OTHER;
    }
}
