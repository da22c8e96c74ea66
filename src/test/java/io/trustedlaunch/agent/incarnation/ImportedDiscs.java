package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Small discs, imported into the storage location of a world or not. */
record ImportedDiscs(World world) {
    Image imported(String name) throws IOException {
        Image image = named(name);
        Files.write(file(image), bytes(name));
        return image;
    }

    static Image named(String name) {
        return new Image(name, uid(name), Sha256.of(bytes(name)));
    }

    static String uid(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.US_ASCII)).toString();
    }

    Path file(Image image) {
        return world.image().resolveSibling(image.uid());
    }

    private static byte[] bytes(String name) {
        byte[] disc = new byte[20 * 2048];
        byte[] descriptor = ("\1CD001" + name).getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(descriptor, 0, disc, 16 * 2048, descriptor.length);
        return disc;
    }
}
