"""Chats between people: messages of each program, joined to conversations."""
