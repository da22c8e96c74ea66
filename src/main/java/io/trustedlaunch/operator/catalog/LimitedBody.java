package io.trustedlaunch.operator.catalog;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;

/** A body up to a length. Of a longer one it takes no more than that, and hangs up. */
final class LimitedBody implements BodySubscriber<byte[]> {
    /** It was longer. */
    static final class TooLongException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private final int limit;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Subscription subscription;

    LimitedBody(int limit) {
        this.limit = limit;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Subscription given) {
        subscription = given;
        given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            if (received.size() + buffer.remaining() > limit) {
                subscription.cancel();
                body.completeExceptionally(new TooLongException());
                return;
            }
            byte[] part = new byte[buffer.remaining()];
            buffer.get(part);
            received.writeBytes(part);
        }
        subscription.request(1);
    }

    @Override
    public void onError(Throwable fault) {
        body.completeExceptionally(fault);
    }

    @Override
    public void onComplete() {
        body.complete(received.toByteArray());
    }
}
