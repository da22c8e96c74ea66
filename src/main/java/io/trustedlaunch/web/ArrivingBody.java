package io.trustedlaunch.web;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A response body, handed from the receiving thread to the reading thread through a queue of limited length. */
public final class ArrivingBody implements BodySubscriber<ArrivingBody>, AutoCloseable {
    private static final int WINDOW = 64;

    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private Iterator<ByteBuffer> taken = List.<ByteBuffer>of().iterator();
    private Subscription subscription;
    private boolean closed;

    private sealed interface Piece {
        record Bytes(List<ByteBuffer> buffers) implements Piece {}

        record End() implements Piece {}

        record Fault(Throwable cause) implements Piece {}
    }

    @Override
    public CompletionStage<ArrivingBody> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public synchronized void onSubscribe(Subscription given) {
        subscription = given;
        if (closed) {
            given.cancel();
        } else {
            given.request(WINDOW);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        pieces.add(new Piece.Bytes(buffers));
    }

    @Override
    public void onError(Throwable fault) {
        pieces.add(new Piece.Fault(fault));
    }

    @Override
    public void onComplete() {
        pieces.add(new Piece.End());
    }

    /** The next bytes; empty at the end. */
    public Optional<ByteBuffer> next(Duration timeout) throws IOException, InterruptedException, TimeoutException {
        while (!taken.hasNext()) {
            Piece piece = pieces.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
            switch (piece) {
                case null -> throw new TimeoutException();
                case Piece.Bytes bytes -> {
                    taken = bytes.buffers().iterator();
                    more();
                }
                case Piece.End end -> {
                    pieces.add(end);
                    return Optional.empty();
                }
                case Piece.Fault fault -> {
                    pieces.add(fault);
                    throw new IOException(fault.cause());
                }
            }
        }
        return Optional.of(taken.next());
    }

    private synchronized void more() {
        subscription.request(1);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
