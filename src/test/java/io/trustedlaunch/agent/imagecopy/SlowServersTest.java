package io.trustedlaunch.agent.imagecopy;

import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.host.VmQueue;
import io.trustedlaunch.agent.host.WorkMeter;
import io.trustedlaunch.agent.imagesource.ImageSource;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopySpec.Image;
import io.trustedlaunch.api.image.ImageCopySpec.Source;
import io.trustedlaunch.api.image.ImageCopySpecBuilder;
import io.trustedlaunch.api.image.ImageCopyStatus;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.process.SteadyClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The attackers are image servers that send as little as they may. */
@Timeout(60)
class SlowServersTest {
    @TempDir
    private Path root;

    private final byte[] image = new byte[1 << 20];
    private final Map<UUID, ImageCopy> copies = new ConcurrentHashMap<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private ImportWorld world;
    private VmQueue queue;

    @BeforeEach
    void startAgent() throws IOException {
        image[510] = 0x55;
        image[511] = (byte) 0xAA;
        world = new ImportWorld(root);
        OrderPass<ImageCopy, ImageCopyStatus> pass = new ImportOrders(
                        ImageCopies.NODE,
                        world.locations(),
                        new Importer(ImageCopies.NODE, this::source, Failpoints.none()),
                        () -> List.copyOf(copies.values()),
                        new Environment(Failpoints.none(), InstantSource.system(), new SecureRandom()),
                        new SteadyClock(System::nanoTime),
                        WorkMeter.NONE,
                        this::write)
                .pass();
        // A queue of orders has as many threads as slots, and some for what needs none.
        queue = new VmQueue("image", 8, uid -> pass.run(uid, () -> Optional.of(List.of(copies.get(uid)))));
    }

    @AfterEach
    void stopAgent() {
        end.countDown();
        queue.close();
    }

    @Test
    void slowServersHoldUpNoImportFromAnother() {
        begin("https://slow-1.example/a");
        begin("https://slow-2.example/a");

        assertImported(begin("https://quick.example/a"));
    }

    @Test
    void aServerOfManyImagesHoldsUpNoImportFromAnother() {
        for (int i = 0; i < 50; i++) {
            begin("https://slow.example:" + (1000 + i) + "/" + i);
        }

        assertImported(begin("https://quick.example/a"));
    }

    private ImageSource source(ImageCopy copy) {
        boolean slow = copy.getSpec().source().https().url().contains("slow");
        return (staged, wanted, progress) -> {
            try {
                if (slow) {
                    end.await();
                }
                Files.write(staged, image);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    private UUID begin(String url) {
        UUID uid = UUID.randomUUID();
        ImageCopy copy = ImageCopies.at(ImageCopies.NODE, uid, world.location, "unused", Sha256.of(image));
        copy.setSpec(ImageCopySpecBuilder.builder(copy.getSpec())
                .image(new Image("proof", UUID.randomUUID().toString()))
                .source(new Source(null, new HttpsSource(url, null, null), null))
                .build());
        copies.put(uid, copy);
        queue.wake(uid);
        return uid;
    }

    private ImageCopy write(ImageCopy copy, ImageCopyStatus status) {
        ImageCopy written = ImageCopies.withStatus(new ImageCopy(), status);
        written.setMetadata(copy.getMetadata());
        written.setSpec(copy.getSpec());
        copies.put(UUID.fromString(copy.getMetadata().getUid()), written);
        return written;
    }

    private void assertImported(UUID uid) {
        await().until(() -> ImportStatus.reported(copies.get(uid))
                .filter(condition -> condition.getType().equals(ConditionType.Ready.name()))
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent());
    }
}
