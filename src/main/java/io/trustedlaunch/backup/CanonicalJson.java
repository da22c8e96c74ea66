package io.trustedlaunch.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * JSON documents with one encoding, whose first field is {@code format}. A reader takes only what it would have written, to
 * the last byte: no field more or less, twice, in another order, of another type or in other spacing.
 */
public final class CanonicalJson {
    private static final int MAX_DEPTH = 6;
    private static final int MAX_TEXT = 256;
    private static final int MAX_DIGITS = 20;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(MAX_TEXT)
                            .maxNameLength(MAX_TEXT)
                            .maxNumberLength(MAX_DIGITS)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .defaultPropertyInclusion(JsonInclude.Value.ALL_NON_NULL)
            .build();

    /** A document, or the reason why it is none. */
    public sealed interface Reading<T> {
        record Read<T>(T document) implements Reading<T> {}

        /** @param message a clause in which "it" is the document; quotes none of it */
        record Refused<T>(boolean laterFormat, String message) implements Reading<T> {}
    }

    private CanonicalJson() {}

    public static byte[] encode(Object document) {
        try {
            return JSON.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    /**
     * Never throws because of the bytes.
     *
     * @param format that this version writes
     */
    public static <T> Reading<T> decode(byte[] bytes, Class<T> type, int format, int maxBytes) {
        if (bytes.length > maxBytes) {
            return refused("it has more than " + maxBytes + " bytes, the limit");
        }
        try {
            Optional<Integer> found = format(bytes);
            if (found.isPresent() && found.get() > format) {
                return new Reading.Refused<>(
                        true, "it has format " + found.get() + ", and this version reads up to " + format);
            }
            T document = JSON.readValue(bytes, type);
            return document != null && Arrays.equals(encode(document), bytes)
                    ? new Reading.Read<>(document)
                    : refused("it is not in the one form that is written");
        } catch (IOException | RuntimeException e) {
            // The message is left out: it quotes the input.
            return refused("it cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    /** Read before the rest, which a later format may have in another form. */
    private static Optional<Integer> format(byte[] bytes) throws IOException {
        try (JsonParser parser = JSON.createParser(bytes)) {
            boolean first = parser.nextToken() == JsonToken.START_OBJECT
                    && "format".equals(parser.nextFieldName())
                    && parser.nextToken() == JsonToken.VALUE_NUMBER_INT;
            return first ? Optional.of(parser.getIntValue()) : Optional.empty();
        }
    }

    private static <T> Reading<T> refused(String message) {
        return new Reading.Refused<>(false, message);
    }
}
