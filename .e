The smoke cannot begin: http://127.0.0.1:8080/ cannot be reached: Connection refused (127.0.0.1:8080)
