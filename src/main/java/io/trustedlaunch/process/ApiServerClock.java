package io.trustedlaunch.process;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The API server's clock: the date of its last answer, and what has passed since by a clock that nobody sets. */
public final class ApiServerClock implements Interceptor {
    private record Answer(Instant date, long nanos) {}

    private final LongSupplier nanoTime;
    private volatile Optional<Answer> last = Optional.empty();

    public ApiServerClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Empty if no answer had a date. */
    public Optional<Instant> read() {
        return last.map(answer -> answer.date().plusNanos(nanoTime.getAsLong() - answer.nanos()));
    }

    /** @param own read if no answer had a date */
    public InstantSource or(InstantSource own) {
        return () -> read().orElseGet(own::instant);
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        heard(response.header("Date"));
    }

    /** @param date of an answer; null if it has none */
    void heard(String date) {
        if (date == null) {
            return;
        }
        try {
            last = Optional.of(
                    new Answer(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)), nanoTime.getAsLong()));
        } catch (DateTimeException e) {
            // One that cannot be read says nothing.
            return;
        }
    }
}
