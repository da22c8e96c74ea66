package io.trustedlaunch.cli.plugin.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.trustedlaunch.api.Api;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes out of objects and logs what opens something, or may, and what nobody who helps reads. References to Secrets by name stay.
 * Pure.
 */
final class Redaction {
    private static final String LEFT_OUT = "(left out)";

    /** Fields with sealed keys, proofs and credentials, wherever they are, in lower case. */
    private static final Set<String> FIELDS = Set.of(
            "envelope",
            "escrow",
            "proof",
            "token",
            "password",
            "secret",
            "secretkey",
            "accesskey",
            "secretaccesskey",
            "accesskeyid",
            "userdata");

    /** What may stand before and behind the server in a URL opens it: a name and password, a signature. */
    private static final Pattern URL = Pattern.compile(
            "(\\b[A-Za-z][A-Za-z0-9+.-]{1,20}://)([^\\s/?#@\"']{1,500}@)?([^\\s?#\"']*)(\\?[^\\s\"']*)?");

    /** A key, a certificate or an image in one word. */
    private static final Pattern BLOB = Pattern.compile("[^\\s]{257,}");

    private static final Pattern BEARER = Pattern.compile("(?i)\\b(bearer|basic) +[A-Za-z0-9._~+/=-]{8,}");

    private static final int SHOWN = 16;

    private Redaction() {}

    /** Changes the object. */
    static ObjectNode of(ObjectNode object) {
        if (object.get("metadata") instanceof ObjectNode metadata) {
            metadata.remove("managedFields");
            if (metadata.get("annotations") instanceof ObjectNode annotations) {
                annotations.retain(ours(annotations));
            }
        }
        clean(object);
        return object;
    }

    /** Those of other tools may have whole manifests. */
    private static List<String> ours(ObjectNode annotations) {
        List<String> ours = new ArrayList<>();
        annotations.fieldNames().forEachRemaining(name -> {
            String domain = name.contains("/") ? name.substring(0, name.indexOf('/')) : "";
            if (domain.equals(Api.GROUP) || domain.endsWith("." + Api.GROUP)) {
                ours.add(name);
            }
        });
        return ours;
    }

    private static void clean(ObjectNode object) {
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String name = field.getKey();
            if (FIELDS.contains(name.toLowerCase(Locale.ROOT))
                    && field.getValue().isValueNode()) {
                field.setValue(TextNode.valueOf(LEFT_OUT));
            } else if (name.equals("env") && field.getValue() instanceof ArrayNode variables) {
                variables.forEach(Redaction::cleanVariable);
            } else {
                field.setValue(cleaned(field.getValue()));
            }
        }
    }

    private static void cleanVariable(JsonNode variable) {
        if (variable instanceof ObjectNode fields && fields.has("value")) {
            fields.put("value", LEFT_OUT);
        }
    }

    private static JsonNode cleaned(JsonNode value) {
        if (value instanceof ObjectNode object) {
            clean(object);
        } else if (value instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, cleaned(array.get(i)));
            }
        } else if (value.isTextual()) {
            return TextNode.valueOf(text(value.asText()));
        }
        return value;
    }

    static String text(String text) {
        String withoutTokens = BEARER.matcher(text).replaceAll("$1 " + Matcher.quoteReplacement(LEFT_OUT));
        String withoutQueries = URL.matcher(withoutTokens)
                .replaceAll(url -> Matcher.quoteReplacement(url.group(1)
                        + (url.group(2) == null ? "" : LEFT_OUT + "@")
                        + url.group(3)
                        + (url.group(4) == null ? "" : "?" + LEFT_OUT)));
        return BLOB.matcher(withoutQueries).replaceAll(blob -> {
            String word = blob.group();
            return Matcher.quoteReplacement(word.substring(0, SHOWN) + "…(" + word.length() + " characters)");
        });
    }
}
