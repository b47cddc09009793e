// Line editing for a terminal, with nothing but printable characters, backspace and bell as output, so that
// the echo of piped input stays readable.
//
// Keys: left and right, Home and End (Ctrl-A, Ctrl-E), Backspace, Delete, up and down for the history (Ctrl-P, Ctrl-N),
// Ctrl-K and Ctrl-U delete to the end and to the beginning, Ctrl-W the word before, Ctrl-C the line, Ctrl-L draws it
// anew, Tab completes a command's name, Ctrl-D on an empty line ends.
// Not done: lines wider than the terminal (a backspace does not go back a row).
#include "monitor.h"

#define HISTORY 32

#define CONTROL(letter) ((letter) & 0x1F)

enum key {
	KEY_UP = 256, KEY_DOWN, KEY_RIGHT, KEY_LEFT, KEY_HOME, KEY_END, KEY_DELETE, KEY_UNKNOWN,
};

static char history[HISTORY][LINE_SIZE];
static unsigned history_count; // lines ever entered; the last HISTORY are kept

static struct editor {
	const char *prompt;
	char *text;
	int length, cursor;
	unsigned recalled;         // which line of the history is shown; history_count: the one being written
	char unfinished[LINE_SIZE]; // that one, while another is shown
} editor;

static int read_key(void)
{
	static bool after_return;
	int c = console_getchar();
	bool pair = after_return && c == '\n';
	after_return = c == '\r';
	if (pair) { // CR LF is one end of line
		return read_key();
	}
	if (c != 0x1B) {
		return c;
	}
	c = console_getchar();
	if (c != '[' && c != 'O') {
		return c;
	}
	int number = 0;
	for (c = console_getchar(); (c >= '0' && c <= '9') || c == ';'; c = console_getchar()) {
		number = c == ';' ? number : number * 10 + c - '0';
	}
	switch (c) {
	case 'A': return KEY_UP;
	case 'B': return KEY_DOWN;
	case 'C': return KEY_RIGHT;
	case 'D': return KEY_LEFT;
	case 'H': return KEY_HOME;
	case 'F': return KEY_END;
	case '~':
		return number == 1 || number == 7 ? KEY_HOME : number == 4 || number == 8 ? KEY_END : number == 3 ? KEY_DELETE : KEY_UNKNOWN;
	default: return KEY_UNKNOWN;
	}
}

static void move_to(int position)
{
	for (; editor.cursor > position; editor.cursor--) {
		console_putchar('\b');
	}
	for (; editor.cursor < position; editor.cursor++) {
		console_putchar(editor.text[editor.cursor]);
	}
}

// Draws what stands right of the cursor anew; `gone` more characters stood there before.
static void draw_tail(int gone)
{
	for (int i = editor.cursor; i < editor.length; i++) {
		console_putchar(editor.text[i]);
	}
	for (int i = 0; i < gone; i++) {
		console_putchar(' ');
	}
	for (int i = editor.length - editor.cursor + gone; i > 0; i--) {
		console_putchar('\b');
	}
}

static void delete_range(int from, int to)
{
	move_to(from);
	memmove(editor.text + from, editor.text + to, (size_t)(editor.length - to));
	editor.length -= to - from;
	draw_tail(to - from);
}

static void insert(const char *text, int count)
{
	if (editor.length + count >= LINE_SIZE) {
		console_putchar('\a');
		return;
	}
	memmove(editor.text + editor.cursor + count, editor.text + editor.cursor, (size_t)(editor.length - editor.cursor));
	memcpy(editor.text + editor.cursor, text, (size_t)count);
	editor.length += count;
	move_to(editor.cursor + count);
	draw_tail(0);
}

static void draw_line(void)
{
	int cursor = editor.cursor;
	printf("\n%s", editor.prompt);
	editor.cursor = 0;
	move_to(editor.length);
	move_to(cursor);
}

static void recall(unsigned which)
{
	if (which > history_count || history_count - which > HISTORY) {
		console_putchar('\a');
		return;
	}
	editor.text[editor.length] = 0;
	if (editor.recalled == history_count) {
		memcpy(editor.unfinished, editor.text, LINE_SIZE);
	}
	editor.recalled = which;
	const char *line = which == history_count ? editor.unfinished : history[which % HISTORY];
	int gone = editor.length - (int)strlen(line);
	move_to(0);
	editor.length = (int)strlen(line);
	memcpy(editor.text, line, (size_t)editor.length);
	move_to(editor.length);
	draw_tail(gone > 0 ? gone : 0);
}

static void remember(void)
{
	bool again = history_count > 0 && strcmp(history[(history_count - 1) % HISTORY], editor.text) == 0;
	if (editor.length > 0 && !again) {
		memcpy(history[history_count++ % HISTORY], editor.text, LINE_SIZE);
	}
}

static void complete(void)
{
	const char *first = NULL;
	unsigned matches = 0;
	size_t common = 0;
	for (unsigned i = 0; i < command_count; i++) {
		const char *name = commands[i].name;
		if (strncmp(name, editor.text, (size_t)editor.cursor) != 0) {
			continue;
		}
		if (matches++ == 0) {
			first = name;
			common = strlen(name);
		}
		while (strncmp(name, first, common) != 0) {
			common--;
		}
	}
	if (matches == 0) {
		console_putchar('\a');
		return;
	}
	int typed = editor.cursor;
	insert(first + typed, (int)common - typed);
	if (matches == 1) {
		if (editor.cursor == editor.length) {
			insert(" ", 1);
		}
	} else if ((int)common == typed) {
		console_putchar('\n');
		for (unsigned i = 0; i < command_count; i++) {
			if (strncmp(commands[i].name, editor.text, common) == 0) {
				printf("%s  ", commands[i].name);
			}
		}
		draw_line();
	}
}

// Handles a key that does not end the line.
static void edit(int key)
{
	int start = editor.cursor;
	switch (key) {
	case KEY_LEFT: case CONTROL('B'): move_to(start > 0 ? start - 1 : 0); break;
	case KEY_RIGHT: case CONTROL('F'): move_to(start < editor.length ? start + 1 : start); break;
	case KEY_HOME: case CONTROL('A'): move_to(0); break;
	case KEY_END: case CONTROL('E'): move_to(editor.length); break;
	case KEY_UP: case CONTROL('P'): recall(editor.recalled - 1); break;
	case KEY_DOWN: case CONTROL('N'): recall(editor.recalled + 1); break;
	case CONTROL('K'): delete_range(start, editor.length); break;
	case CONTROL('U'): delete_range(0, start); break;
	case CONTROL('L'): draw_line(); break;
	case '\t': complete(); break;
	case '\b': case 0x7F:
		if (start > 0) {
			delete_range(start - 1, start);
		}
		break;
	case KEY_DELETE: case CONTROL('D'):
		if (start < editor.length) {
			delete_range(start, start + 1);
		}
		break;
	case CONTROL('W'):
		while (start > 0 && editor.text[start - 1] == ' ') {
			start--;
		}
		while (start > 0 && editor.text[start - 1] != ' ') {
			start--;
		}
		delete_range(start, editor.cursor);
		break;
	default:
		if (key >= ' ' && key < 0x7F) {
			insert(&(char){ (char)key }, 1);
		}
		break;
	}
}

bool line_read(const char *prompt, char *line)
{
	memset(line, 0, LINE_SIZE);
	editor = (struct editor){ .prompt = prompt, .text = line, .recalled = history_count };
	console_write(prompt);
	for (;;) {
		int key = read_key();
		if (key == '\r' || key == '\n') {
			break;
		}
		if (key == CONTROL('D') && editor.length == 0) {
			console_putchar('\n');
			return false;
		}
		if (key == CONTROL('C')) {
			console_write("^C");
			editor.length = 0;
			break;
		}
		edit(key);
	}
	line[editor.length] = 0;
	console_putchar('\n');
	remember();
	return true;
}
