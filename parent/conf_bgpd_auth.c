/* SPDX-License-Identifier: ISC */
/*
 * bgpd.conf: how sessions are protected. Keys are never printed: `bgpd -nv`
 * shows `tcp md5sig` alone. That form is read, too, with a warning, and the
 * session is not started: without its key it would be unprotected.
 */
#include "parent/conf_bgpd_peer.h"

#include "common/arena.h"
#include "common/net_ao.h"

#include <stdlib.h>
#include <string.h>

#define KEY_MAX		79
#define SPI_MIN		256		/* RFC 4303 2.1 */
#define KEY_UNKNOWN	"XXXXXX"	/* in what was printed */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
is_hex(const char *s, size_t max_bytes)
{
	size_t n = strlen(s), i;

	if (n == 0 || n % 2 != 0 || n / 2 > max_bytes)
		return false;
	for (i = 0; i < n; i++)
		if (hex_digit(s[i]) < 0)
			return false;
	return true;
}

/* key HEX | password STRING */
static bool
auth_key(struct bgpd_parser *p, struct conf_blob *key)
{
	bool is_hex_key = bgpd_is(p, "key");
	char *text;
	size_t i;

	if (!bgpd_take(p, "key") && !bgpd_take(p, "password"))
		return bgpd_expected(p, "password or key");
	if (p->token.macro != NULL)
		p->token.macro->is_secret = true;
	if (!bgpd_strings(p, is_hex_key ? 2 * KEY_MAX : KEY_MAX, "the key",
	    &text))
		return false;
	key->len = (uint32_t)strlen(text);
	key->bytes = (uint8_t *)text;
	if (!is_hex_key)
		return key->len != 0 || bgpd_fail(p, "the key is empty");
	if (!is_hex(text, KEY_MAX))
		return bgpd_fail(p, "the key is not hexadecimal");
	key->len /= 2;
	for (i = 0; i < key->len; i++)
		key->bytes[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 |
		    hex_digit(text[2 * i + 1]));
	return true;
}

static bool
auth_is_free(struct bgpd_parser *p)
{
	const struct conf_peer *c = p->peer->conf;

	return (c->md5_key.len == 0 && c->ao_key.len == 0 &&
	    c->n_ipsec == 0 && c->refused == NULL) ||
	    bgpd_fail(p, "the session is protected already");
}

static bool
ao_algorithm(struct bgpd_parser *p)
{
	char **name = &p->peer->conf->ao_algorithm;

	if (!bgpd_string(p, 63, "an algorithm", name))
		return false;
	return net_ao_is_algorithm(*name) ||
	    bgpd_fail(p, "the algorithm must be hmac-sha-1-96, "
	    "aes-128-cmac-96 or hmac-sha-256");
}

/* tcp md5sig, or our tcp ao id N algorithm NAME */
bool
bgpd_peer_tcp(struct bgpd_parser *p)
{
	struct conf_peer *c = p->peer->conf;
	int64_t id = 0;

	if (!auth_is_free(p))
		return false;
	if (bgpd_take(p, "md5sig")) {
		if (!bgpd_is_end_of_statement(p))
			return auth_key(p, &c->md5_key);
		c->refused = arena_strdup(p->config->arena, "tcp md5sig");
	} else if (bgpd_take(p, "ao")) {
		if (!bgpd_take(p, "id") || !bgpd_number(p, 0, 255,
		    "the number of the key", &id))
			return bgpd_expected(p, "id and a number");
		c->ao_key_id = (uint8_t)id;
		if (bgpd_take(p, "algorithm") && !ao_algorithm(p))
			return false;
		if (!bgpd_is_end_of_statement(p))
			return auth_key(p, &c->ao_key);
		c->refused = arena_strdup(p->config->arena, "tcp ao");
	} else {
		return bgpd_expected(p, "md5sig or ao");
	}
	bgpd_warn(p, "%s has no key: the session is not started", c->refused);
	return true;
}

/* An algorithm of the table and its key; the key is checked, not kept. */
static bool
ipsec_key(struct bgpd_parser *p, bool is_cipher, char **text)
{
	static const struct {
		const char	*word, *name;
		bool		 is_cipher;
		uint8_t		 key_bytes;
	} rows[] = {
		{ "sha1", "sha1", false, 20 }, { "md5", "md5", false, 16 },
		{ "3des", "3des", true, 21 }, { "3des-cbc", "3des", true, 21 },
		{ "aes", "aes", true, 16 },
		{ "aes-128-cbc", "aes", true, 16 },
	};
	char *key;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].is_cipher == is_cipher &&
		    bgpd_take(p, rows[i].word))
			break;
	if (i == sizeof(rows) / sizeof(rows[0]))
		return bgpd_expected(p, is_cipher ? "3des or aes" :
		    "sha1 or md5");
	if (p->token.macro != NULL)
		p->token.macro->is_secret = true;
	if (!bgpd_string(p, 2 * KEY_MAX, "a key", &key))
		return false;
	if (strcmp(key, KEY_UNKNOWN) != 0 && (!is_hex(key, KEY_MAX) ||
	    strlen(key) != 2u * rows[i].key_bytes))
		return bgpd_fail(p, "the key must be %u hexadecimal digits",
		    2u * rows[i].key_bytes);
	*text = arena_format(p->config->arena, "%s %s " KEY_UNKNOWN, *text,
	    rows[i].name);
	return true;
}

/* in|out spi N AUTH KEY [CIPHER KEY] */
static bool
ipsec_manual(struct bgpd_parser *p, bool is_esp, char **text)
{
	bool is_in = bgpd_is(p, "in");
	int64_t spi = 0;

	if (!bgpd_take(p, "in") && !bgpd_take(p, "out"))
		return bgpd_expected(p, "ike, in or out");
	if (!bgpd_take(p, "spi"))
		return bgpd_expected(p, "spi");
	if (!bgpd_number(p, SPI_MIN, UINT32_MAX, "an SPI", &spi))
		return false;
	*text = arena_format(p->config->arena, "%s %s spi %u", *text,
	    is_in ? "in" : "out", (unsigned)spi);
	if (!ipsec_key(p, false, text))
		return false;
	if (bgpd_is_end_of_statement(p))
		return true;
	if (!is_esp)
		return bgpd_fail(p, "ah takes no cipher");
	return ipsec_key(p, true, text);
}

/*
 * There is no ipsec yet. A session that was to be protected by it is not
 * started, rather than started without.
 */
bool
bgpd_peer_ipsec(struct bgpd_parser *p)
{
	struct conf_peer *c = p->peer->conf;
	bool is_esp = bgpd_is(p, "esp");
	char *text, **slot;

	if (c->n_ipsec == 0 && !auth_is_free(p))
		return false;
	if (!bgpd_take(p, "esp") && !bgpd_take(p, "ah"))
		return bgpd_expected(p, "esp or ah");
	text = arena_strdup(p->config->arena, is_esp ? "esp" : "ah");
	if (bgpd_take(p, "ike"))
		text = arena_format(p->config->arena, "%s ike", text);
	else if (!ipsec_manual(p, is_esp, &text))
		return false;
	slot = arena_append(p->config->arena, &c->ipsec, &c->n_ipsec,
	    sizeof(*slot));
	*slot = text;
	if (c->refused == NULL) {
		c->refused = arena_strdup(p->config->arena, "ipsec");
		bgpd_warn(p, "ipsec is not supported: the session is not "
		    "started");
	}
	return true;
}
