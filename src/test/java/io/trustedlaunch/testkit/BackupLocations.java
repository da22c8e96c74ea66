package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpec.Folder;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupLocationStatus;
import io.trustedlaunch.api.backup.BackupLocationStatus.Node;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.backup.folder.FolderMarker;
import io.trustedlaunch.backup.folder.FolderStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** BackupLocations, and the stores that they mean: all the same one, where a test does not tell them apart. */
public final class BackupLocations {
    public static final UUID ID = UUID.fromString("5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e");

    private BackupLocations() {}

    public static BackupLocation named(String name, BackupLocationSpec spec) {
        BackupLocation location = new BackupLocation();
        location.setMetadata(
                new ObjectMetaBuilder().withName(name).withGeneration(1L).build());
        location.setSpec(spec);
        return location;
    }

    public static BackupLocationSpec folder(String path, List<String> allowedNamespaces) {
        return BackupLocationSpecBuilder.builder()
                .id(ID.toString())
                .folder(new Folder(path))
                .allowedNamespaces(allowedNamespaces)
                .build();
    }

    public static BackupLocationSpec bucket(S3 bucket) {
        return BackupLocationSpecBuilder.builder().id(ID.toString()).s3(bucket).build();
    }

    /** What the operator says of a folder whose marker these nodes have found. */
    public static BackupLocation foundOn(BackupLocation location, String... nodes) {
        String id = location.getSpec().id();
        location.setStatus(new BackupLocationStatus(
                1L,
                id,
                null,
                Stream.of(nodes)
                        .map(node -> new Node(node, true, id, null, null))
                        .toList(),
                List.of()));
        return location;
    }

    /** A folder in an order to a node. */
    public static BackupRunSpec.Location ref(String name, String folder) {
        return new BackupRunSpec.Location(name, ID.toString(), folder);
    }

    /** A bucket in an order to a node. */
    public static BackupRunSpec.Location bucketRef(String name, String url) {
        return new BackupRunSpec.Location(name, ID.toString(), null, url);
    }

    /** Makes the marker, as an agent does for {@code kubectl tlvm backup location init}. */
    public static Path mark(Path folder) {
        try {
            new FolderMarker(folder).make(ID);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The store in a folder, which is marked if it was not. */
    public static FolderStore store(Path folder) {
        return new FolderStore(mark(folder), ID);
    }
}
