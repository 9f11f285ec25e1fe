CREATE DATABASE metadata OWNER arbiter;
CREATE DATABASE store OWNER arbiter;
