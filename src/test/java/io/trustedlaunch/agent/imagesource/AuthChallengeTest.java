package io.trustedlaunch.agent.imagesource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuthChallengeTest {
    @Test
    void aChallengeIsParsedWhateverItsCaseAndSpaces() {
        for (String header : List.of(
                "Bearer realm=\"https://a.example/token\",service=\"r.example\",scope=\"repository:a/b:pull\"",
                "bearer  Realm = https://a.example/token ,, SERVICE=\"r.example\" , scope=\"repository:a/b:pull\"")) {
            AuthChallenge bearer = AuthChallenge.of("bearer", AuthChallenge.parse(List.of(header)))
                    .orElseThrow();
            assertThat(bearer.parameter("realm")).contains("https://a.example/token");
            assertThat(bearer.parameter("service")).contains("r.example");
            assertThat(bearer.parameter("scope")).contains("repository:a/b:pull");
        }
    }

    @Test
    void challengesMayShareAHeader() {
        AuthChallenge basic = new AuthChallenge("basic", Map.of("realm", "a, b=\\"));
        AuthChallenge bearer = new AuthChallenge("bearer", Map.of("realm", "c"));
        assertThat(AuthChallenge.parse(List.of("Basic realm=\"a, b=\\\", Bearer realm=\"c\"")))
                .containsExactly(basic, bearer);
        assertThat(AuthChallenge.parse(List.of("Basic realm=\"a, b=\\\"", "Bearer realm=\"c\"")))
                .containsExactly(basic, bearer);
    }

    @Test
    void malformedHeadersAreIgnored() {
        for (String header : List.of("", "Negotiate", "realm=a", "Basic", "Basic realm", "Basic =", "=\"", ",,,")) {
            assertThat(AuthChallenge.parse(List.of(header))).as(header).isEmpty();
        }
        assertThat(AuthChallenge.parse(List.of())).isEmpty();
    }

    @Test
    void aLongHeaderIsParsedQuickly() {
        for (String part : List.of("a", " ", ",", "a ", "\"", "a=", "a=\"b\",", "Bearer a=\"")) {
            assertThat(AuthChallenge.parse(List.of("Bearer " + part.repeat(100_000))))
                    .hasSizeLessThan(2);
        }
    }
}
