package io.trustedlaunch.agent.imagecopy;

import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.host.EnvelopeOpener;
import io.trustedlaunch.agent.host.Environment;
import io.trustedlaunch.agent.host.WorkMeter;
import io.trustedlaunch.agent.kube.ChangeHandler;
import io.trustedlaunch.agent.location.LocationCheck;
import io.trustedlaunch.agent.order.OrderQueue;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopyStatus;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.PullEnvelope;
import io.trustedlaunch.process.SteadyClock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Assembles what imports images, and what finds them.
 *
 * @param copies of all nodes; not started
 * @param meter of imports
 */
@RecordBuilder
public record ImportPart(
        SharedIndexInformer<ImageCopy> copies,
        String nodeName,
        LocationCheck locations,
        EnvelopeOpener<PullEnvelope.Address, PullCredentials> opener,
        WorkMeter meter,
        Environment environment) {
    private static final InstantSource STEADY = SteadyClock.system();

    public Images images() {
        return new ImportedImages(() -> copies.getStore().list(), nodeName, STEADY);
    }

    /**
     * When it stops, the next process continues what has begun.
     *
     * @param changed gets the UID of an image when one of its copies changes, on whichever node
     */
    public OrderQueue<ImageCopy> queue(StatusWriter<ImageCopy, ImageCopyStatus> writer, Consumer<String> changed) {
        copies.addEventHandler(new ChangeHandler<>(
                copy -> changed.accept(copy.getSpec().image().uid())));
        ImportOrders orders = new ImportOrders(
                nodeName,
                locations,
                new Importer(nodeName, new ImageSources(opener, nodeName)::of, environment.failpoints()),
                () -> copies.getStore().list(),
                environment,
                STEADY,
                meter,
                writer);
        return new OrderQueue<>("image", copies, orders::key, orders.pass(), Duration.ZERO, Set::of);
    }
}
